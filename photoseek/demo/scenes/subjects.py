"""Every subject by its name."""

from __future__ import annotations

from photoseek.demo.scenes.afloat import AFLOAT
from photoseek.demo.scenes.animals import ANIMALS
from photoseek.demo.scenes.buildings import BUILDINGS
from photoseek.demo.scenes.plants import PLANTS
from photoseek.demo.scenes.subject import Subject
from photoseek.demo.scenes.things import THINGS
from photoseek.demo.scenes.vehicles import VEHICLES
from photoseek.demo.scenes.wildlife import WILDLIFE

SUBJECTS: dict[str, Subject] = {
    **VEHICLES,
    **AFLOAT,
    **ANIMALS,
    **WILDLIFE,
    **BUILDINGS,
    **PLANTS,
    **THINGS,
}
