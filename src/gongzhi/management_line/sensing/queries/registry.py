"""What gateways know of devices, and when to look again."""

from dataclasses import dataclass

from gongzhi.foundation.people import sealing
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import remember
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing.models import Device, DeviceAddress, RegistryVersion


def registry_version(*, seen_by: Actor) -> int:
    """Return how often the town's registry has changed. Whoever asks: a count, for what is remembered."""
    return remember("sensing.version", lambda: RegistryVersion.objects.filter(town_id=current_town()).values_list("version", flat=True).first() or 0, age=1)


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """What a gateway must know of a device to take its packets."""

    device_id: int
    station_id: int
    password: str


def registry_versions(*, seen_by: Actor) -> dict[int, int]:
    """Return for each town how often its registry has changed; asked outside any town. Whoever asks: counts, for the gateway."""
    return dict(RegistryVersion.objects.values_list("town_id", "version"))


def town_of_device(*, seen_by: Actor, mn: str) -> int | None:
    """Return the town that a device belongs to, or None; asked outside any town. Whoever asks: the gateway."""
    return DeviceAddress.objects.filter(mn=mn).values_list("town_id", flat=True).first()


def known_device(*, seen_by: Actor, mn: str) -> KnownDevice | None:
    """Return what a gateway must know of a device of the present town, or None. Whoever asks: the gateway."""
    device = Device.objects.filter(mn=mn).exclude(state=Device.State.RETIRED).first()
    if device is None:
        return None
    password = sealing.unseal_text(device.sealed_password, "device")
    return KnownDevice(device.pk, device.station_id, password)
