#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Says what every output of the built-in patterns does, by the words of docs/patterns.md alone.

  tests/cli/golden/oracle.py           writes the traces beside this file
  tests/cli/golden/oracle.py --check   exits with 1 if they differ

Naive on purpose: looks at single moments, one after the other, and shares nothing with takt. The
built-ins have cycles of whole microseconds, and pulses and fades on this grid.
"""

import json
import sys
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parent.parent.parent / "examples"
FADE_STEP_US = 10_000
# How much of the beginning and of the end is kept, in seconds, and how fine the grid is.
KEPT = {"bilateral": (12, 1000), "alternating": (6, 1000), "emergency": (12, 250),
        "breathe": (9, 5000), "quad-flash": (5, 1000)}
COLOURS = ("white red blue green yellow orange amber lime mint cyan azure indigo violet magenta "
           "pink warm").split()


def micros(text):
    for unit, size in (("us", 1), ("ms", 1000), ("s", 10**6), ("m", 60 * 10**6)):
        if text.endswith(unit) and text[:-len(unit)].replace(".", "").isdigit():
            return int(Fraction(text[:-len(unit)]) * size)
    raise ValueError(text)


def cycle_of(rate):
    size = 1000 if rate.endswith("mHz") else 1
    return int(Fraction(size * 10**6) / Fraction(rate.removesuffix("mHz").removesuffix("Hz")))


class Oracle:
    def __init__(self, program):
        self.outputs = {row["id"]: row for row in program["outputs"]}
        self.bilateral = "bilateral" in program
        self.rows = program["bilateral" if self.bilateral else "pattern"]
        self.once = micros(self.rows["session" if self.bilateral else "length"])
        self.end = self.once * program.get("repeat", 1)
        self.dead = micros(self.rows.get("dead_time", "1ms"))
        self.directions = {}

    def segment_at(self, t):
        """The segment, the one before it, and where it begins."""
        if self.bilateral:
            return self.rows, {}, 0
        place = t % self.once
        rows = [row for row in self.rows["segments"] if micros(row["at"]) <= place]
        before = rows[-2] if len(rows) > 1 else self.rows["segments"][-1]
        if len(rows) == 1 and t < self.once:
            before = {}
        return rows[-1], before, t - place + micros(rows[-1]["at"])

    def levels_at(self, t):
        levels = dict.fromkeys(self.outputs, 0)
        if t >= self.end:
            return levels
        levels.update(self.directions)
        segment, before, begin = self.segment_at(t)
        cycle = micros(segment["cycle"]) if self.bilateral else cycle_of(segment["rate"])
        number, offset = divmod(t - begin, cycle // 2)
        half_at = t - offset
        sides = segment.get("sides", "alternate")
        exclusive = self.bilateral or self.rows.get("exclusive", False)
        on = cycle // 2 * segment.get("duty", 100) // 100
        if sides == "alternate" or exclusive:
            on = min(on, cycle // 2 - self.dead)
        if offset >= on:
            return levels
        if sides == "alternate":
            right = (number % 2 == 1) != (segment.get("begin", "left") == "right")
            active = ["right" if right else "left"]
        else:
            active = ["left", "right"] if sides == "both" else [sides]
        fade = micros(segment.get("fade", "0s"))

        def look(field):
            to, start = segment.get(field, 0), before.get(field, 0)
            passed = (t - begin) // FADE_STEP_US * FADE_STEP_US
            return to if passed >= fade else start + int(Fraction((to - start) * passed, fade))

        softly = min([Fraction(1)] + [
            Fraction(part, micros(self.rows[name]))
            for name, part in (("soft_start", half_at + cycle // 2),
                               ("soft_stop", self.end - half_at))
            if name in self.rows])
        for side in active:
            self.show(levels, self.rows.get(side, {}), look, softly, segment, number // 2 % 2 == 1)
        return levels

    def show(self, levels, outputs, look, softly, segment, odd):
        for percent, switch, analog in ((look("intensity"), "motor", "drive"),
                                        (look("brightness"), "light", "brightness")):
            if percent == 0 or switch not in outputs:
                continue
            levels[outputs[switch]] = 1
            if analog in outputs:
                whole = self.outputs[outputs[analog]].get("range", 100)
                levels[outputs[analog]] = int(whole * Fraction(percent, 100) * softly)
        if look("brightness") > 0 and "colour" in outputs:
            levels[outputs["colour"]] = COLOURS.index(segment.get("colour", "white"))
        turns = self.outputs[outputs["motor"]].get("direction") if "motor" in outputs else None
        if turns and look("intensity") > 0:
            clockwise = not (odd and self.rows.get("alternate_direction", False))
            levels[turns] = self.directions[turns] = int(clockwise)

    def trace(self, first, last, grid_us):
        """Rows with first <= time <= last."""
        # From two cycles before, for what stays as it was.
        before = self.levels_at(0) if first else dict.fromkeys(self.outputs, 0)
        for t in range(max(0, first - 2 * 10**6), last + 1, grid_us):
            now = self.levels_at(t)
            for name, value in now.items():
                if value != before[name] and t >= first:
                    yield f"{t},{name},{value}\n"
            before = now


def golden(name):
    program = json.loads((EXAMPLES / f"{name}.json").read_text())
    oracle = Oracle(program)
    kept, grid_us = KEPT[name][0] * 10**6, KEPT[name][1]
    head, tail = min(kept, oracle.end), max(kept, oracle.end - kept)
    text = f"# before {head} us and from {tail} us on\ntime_us,output,value\n"
    text += "".join(Oracle(program).trace(0, head - 1, grid_us))
    return text + "".join(Oracle(program).trace(tail, oracle.end, grid_us))


def main():
    bad = False
    for name in KEPT:
        file = HERE / f"{name}.csv"
        if "--check" not in sys.argv:
            file.write_text(golden(name))
        elif file.read_text() != golden(name):
            print(f"{file.name} is not what the oracle says")
            bad = True
    return bad


if __name__ == "__main__":
    sys.exit(main())
