// Charts by ECharts, in the colours of the page. The table under each chart says the same.
"use strict";

(() => {
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const drawn = new Map();

  function palette() {
    return ["--st-work-solid", "--st-ok-solid", "--st-stop-solid", "--st-warn-solid", "--st-late-solid", "--st-done-solid", "--st-open-solid"].map(token);
  }

  // limits: [{value, label}]; gaps: [[first, last, state, label]] by places on the axis; marks: [[place, value, label]];
  // band: {low, high, label}, the reach of each step around the first series
  function options({ kind, categories, series, unit, limit, limit_label: limitLabel, limits, gaps, marks, marks_label: marksLabel, band }) {
    const lines = (limits || []).concat(limit !== null && limit !== undefined ? [{ value: limit, label: limitLabel }] : []);
    const ink = token("--ink-2");
    const soft = token("--ink-3");
    const line = token("--line");
    const font = getComputedStyle(document.body).fontFamily;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const shared = {
      animation: !still,
      color: palette(),
      textStyle: { fontFamily: font, color: ink },
      aria: { enabled: false }, // the figure has its own words and table
      tooltip: {
        trigger: kind === "pie" ? "item" : "axis",
        renderMode: "richText", // HTML tooltips carry style attributes, which the page's policy forbids
        backgroundColor: token("--surface"),
        borderColor: line,
        textStyle: { color: token("--ink"), fontFamily: font },
        valueFormatter: (value) => (value === null || value === undefined ? "—" : `${value}${unit ? ` ${unit}` : ""}`),
      },
      legend: series.length > 1 || kind === "pie" ? { top: 0, textStyle: { color: ink, fontFamily: font }, icon: "roundRect", itemWidth: 14, itemHeight: 8 } : undefined,
    };
    if (kind === "pie") {
      return {
        ...shared,
        series: [{ type: "pie", radius: ["52%", "76%"], center: ["50%", "56%"], label: { color: ink }, itemStyle: { borderColor: token("--surface"), borderWidth: 2 },
          data: categories.map((name, i) => ({ name, value: series[0].values[i] })) }],
      };
    }
    return {
      ...shared,
      grid: { left: 8, right: 16, top: series.length > 1 ? 34 : 18, bottom: 4, containLabel: true },
      xAxis: { type: "category", data: categories, boundaryGap: kind !== "line", axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: soft, hideOverlap: true } },
      yAxis: { type: "value", name: unit, nameTextStyle: { color: soft, align: "left" }, scale: kind === "line", splitLine: { lineStyle: { color: line } }, axisLabel: { color: soft } },
      series: series.map(({ name, values }, i) => ({
        name,
        data: values,
        type: kind === "line" ? "line" : "bar",
        stack: kind === "stack" ? "all" : undefined,
        symbol: "none",
        barMaxWidth: 28,
        lineStyle: { width: 2.5, type: i === 0 ? "solid" : i === 1 ? "dashed" : "dotted" }, // told apart without colour too
        areaStyle: kind === "line" && series.length === 1 && !band ? { opacity: 0.12 } : undefined,
        itemStyle: kind === "line" ? undefined : { borderRadius: 2 },
        markLine: i === 0 && lines.length
          ? { silent: true, symbol: "none", lineStyle: { color: token("--st-warn-solid"), type: "dashed", width: 1.5 }, label: { color: token("--st-warn-fg"), position: "insideStartTop" },
            data: lines.map(({ value, label }) => ({ yAxis: value, label: { formatter: label || String(value) } })) }
          : undefined,
        markArea: i === 0 && gaps && gaps.length
          ? { silent: true, label: { show: false }, data: gaps.map(([first, last, state]) => [
            { xAxis: Math.max(0, first - (first === last ? 1 : 0)), itemStyle: { color: token(state === "missing" ? "--st-stop-bg" : "--st-warn-bg"), opacity: 0.9 } },
            { xAxis: Math.min(categories.length - 1, last + (first === last ? 1 : 0)) },
          ]) }
          : undefined,
      })).concat(reach(band), signs(marks, marksLabel)),
    };
  }

  function reach(band) {
    if (!band) return [];
    const shared = { type: "line", stack: "reach", symbol: "none", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false }, z: 1 };
    return [
      { ...shared, name: `${band.label} `, data: band.low },
      { ...shared, name: band.label, data: band.high.map((high, i) => (high === null ? null : high - band.low[i])), areaStyle: { color: token("--st-work-solid"), opacity: 0.12 } },
    ];
  }

  function signs(marks, label) {
    if (!marks || !marks.length) return [];
    return [{
      name: label, type: "scatter", symbol: "triangle", symbolSize: 9, z: 5, itemStyle: { color: token("--st-late-solid") },
      data: marks.map(([place, value, words]) => ({ value: [place, value], name: words })),
      tooltip: { trigger: "item", formatter: ({ name }) => name, valueFormatter: undefined },
    }];
  }

  async function content(box) {
    if (box.dataset.chartUrl) return (await fetch(box.dataset.chartUrl, { headers: { Accept: "application/json" } })).json();
    return JSON.parse(document.getElementById(box.dataset.chart).textContent);
  }

  async function draw(box) {
    const what = await content(box);
    box.hidden = false;
    let chart = drawn.get(box);
    if (!chart) {
      chart = echarts.init(box, null, { renderer: "svg" });
      drawn.set(box, chart);
      new ResizeObserver(() => chart.resize()).observe(box);
    }
    chart.setOption(options(what), true);
    const table = box.parentNode.querySelector(".charttable");
    if (table && !table.dataset.kept) table.open = false; // the chart is there now; the table waits behind its summary
  }

  function drawAll(part) {
    if (!window.echarts) return;
    for (const box of part.querySelectorAll("[data-chart], [data-chart-url]")) draw(box).catch(() => (box.hidden = true));
  }

  drawAll(document);
  document.addEventListener("htmx:afterSwap", (event) => {
    for (const [box, chart] of drawn) {
      if (box.isConnected) continue;
      chart.dispose();
      drawn.delete(box);
    }
    drawAll(event.target);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll(document));
})();
