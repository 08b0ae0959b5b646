"""Names that people can say: two words and a few characters of chance."""

from __future__ import annotations

import secrets

_ALPHABET = "abcdefghjkmnpqrstvwxyz23456789"
_ADJECTIVES = (
    "amber ample ashen balmy bold brave breezy bright brisk calm candid clear clever coral cosmic "
    "crisp dapper deft eager early fair fleet fluent frank fresh gentle glad golden grand green "
    "hardy honest icy jolly keen kind lively loyal lucid lunar mellow merry mighty mild misty "
    "modest neat nimble noble olive patient plain polar proud quick quiet rapid ready royal rustic "
    "sandy serene sharp silent silver smart solar solid stellar sturdy sunny swift tidy tranquil "
    "upbeat vast vivid warm wise witty zesty"
).split()
_NOUNS = (
    "acorn anchor apple arrow aspen atlas badger bamboo basin beacon birch bridge brook canyon cedar "
    "cello cloud clover comet copper cove crane delta dune eagle ember falcon fern field fjord "
    "forest fox garden glacier grove harbor hazel heron hill island ivy jasmine kettle kite lagoon "
    "lake lantern larch leaf lemon lotus lynx maple marsh meadow mesa mint moon moss night oasis "
    "ocean orchid otter owl peak pebble pine planet plum pond prairie quartz rain raven reef ridge "
    "river robin sail shell spruce star stone summit thyme tide tulip valley violet wave willow"
).split()


def new_display_name() -> str:
    """Return a name such as ``brave_apple_x7k2mq``."""
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(6))
    return f"{secrets.choice(_ADJECTIVES)}_{secrets.choice(_NOUNS)}_{tail}"
