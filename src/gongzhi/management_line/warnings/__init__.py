"""Warnings: what is wrong before a limit is passed, or beside it: quick changes, silence, frozen values, neighbours that
disagree, forecasts that pass a limit.

Kind: none of its own; what it finds becomes an episode and an alarm of sensing. Facts out: WarningRuleSet, WarningRuleEnded,
ForecastTrained. Facts in: none.

rate.py silence.py frozen.py neighbours.py   what each rule measures. Pure
forecast.py backtest.py                      the forecast and how good it is. Pure
seriesfile.py                                hourly series of a CSV file, for `./gongzhi forecast backtest`. Pure
looking.py                                   one rule, one moment: what is beyond it in the town, as sensing takes it

What it is not: limits (they live in sensing, with episodes and the way from them to a case). It opens no case by itself.
"""
