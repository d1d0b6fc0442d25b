"""Gives samples and outputs of `aimarket sensitivity`, and of the Ishigami function on its designs, to SALib.

Sobol': the same estimators on the same values, centred on the same mean, so the indices must be equal.
Morris: SALib takes a step of p / (2 (p - 1)) = 2/3 of its grid of 4 levels from 0 to 1; ours are the middles of quarters,
a step of 1/2, so its effects are 3/4 of ours. Chance, whose step counts as 1/3 with us, has 1/2.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from SALib.analyze import morris, sobol

STEP = {True: 1 / 2, False: 3 / 4}
# Names of the factor of luck: with some parameters left out it holds theirs too.
LUCK = ("chance", "all else")


def problem(names):
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def same(what, ours, theirs, within=1e-6):
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    size = np.maximum(1.0, np.abs(theirs)) if within < 1e-3 else 1.0
    if not np.all(np.abs(ours - theirs) <= within * size):
        sys.exit(f"{what}: {ours} here, {theirs} of SALib")


def check_sobol(what, names, rows, first, total):
    """`rows`: a line a row of the design: A, B, then AB of every factor."""
    order = [0, *range(2, 2 + len(names)), 1]
    values = np.asarray(rows, float)[:, order].ravel()
    found = sobol.analyze(problem(names), values, calc_second_order=False, num_resamples=1000, seed=1)
    same(f"{what}: first order", first, found["S1"])
    same(f"{what}: total", total, found["ST"])
    return found


def check_morris(what, names, points, values, ours):
    """`points`: a line a run, coordinates of the parameters and 0 or 1 for chance."""
    points = np.asarray(points, float)
    levels = np.column_stack([(points[:, :-1] - 1 / 8) * 4 / 3, points[:, -1] * 2 / 3])
    # Effects are compared in units of their greatest, which may be dollars.
    size = max(np.nanmax(np.abs(np.asarray(ours["mu_star"], float))), 1e-300)
    found = morris.analyze(problem(names), levels, np.asarray(values, float), num_levels=4, seed=1)
    scale = np.array([STEP[name in LUCK] for name in names])
    same(f"{what}: mu*", np.asarray(ours["mu_star"], float) * scale / size, np.asarray(found["mu_star"]) / size)
    for key in ["mu", "sigma"]:
        mine = np.asarray(ours[key], float)[:-1] * scale[:-1] / size
        same(f"{what}: {key}", mine, np.asarray(found[key])[:-1] / size)


def ishigami(folder):
    names = ["x0", "x1", "x2", "chance"]
    told = json.loads((folder / "ishigami-sobol.json").read_text())
    rows = np.asarray(told["values"]).reshape(-1, len(names) + 2)
    table = pd.DataFrame(told["indices"])
    found = check_sobol("Ishigami", names, rows, table["first"], table["total"])
    for ours, theirs in [("first", "S1_conf"), ("total", "ST_conf")]:
        half = (table[f"{ours}_high"] - table[f"{ours}_low"]) / 2
        ratio = half[:3] / found[theirs][:3]
        if not ratio.between(0.75, 1.3).all():
            sys.exit(f"Ishigami: intervals of {ours} are {ratio.tolist()} times those of SALib")
    told = json.loads((folder / "ishigami-morris.json").read_text())
    moved = np.asarray([-1 if m is None else m for m in told["moved"]]).reshape(-1, len(names) + 1)
    chance = np.cumsum(moved == 3, axis=1).ravel()
    points = np.column_stack([told["points"], chance])
    check_morris("Ishigami", names, points, told["values"], pd.DataFrame(told["indices"]))


def series_name(row):
    column = row["metric"].split(".")[1] + (f"_{row['segment']}" if row["segment"] else "")
    table = row["metric"].split(".")[0]
    return f"market.{column}" if table == "market" else f"{table}.{row['entity']}.{column}"


def real(folder, method):
    read = lambda name: pd.read_csv(folder / method / f"{name}.csv", keep_default_na=False, na_values=[""])
    indices, outputs = read("sensitivity").fillna({"segment": "", "entity": ""}), read("outputs")
    cube = read("cube")
    compared, logs = 0, 0
    for name, rows in indices.groupby(indices.apply(series_name, axis=1), sort=False):
        names = rows["parameter"].tolist()
        line = outputs[outputs["matrix"] != "replicate"]
        values = line[name].to_numpy(float)
        if np.isnan(values).any():
            continue
        if rows["scale"].iloc[0] == "ln":
            values = np.log(values)
            logs += 1
        if method == "sobol":
            check_sobol(name, names, values.reshape(-1, len(names) + 2), rows["first"], rows["total"])
        else:
            first = cube.groupby("row")["run"].transform("first")
            points = np.column_stack([cube[names[:-1]].to_numpy(float), (cube["run"] != first).to_numpy(float)])
            check_morris(name, names, points, values, rows)
        compared += 1
    if compared < 50 or logs < 5:
        sys.exit(f"{method}: only {compared} series could be compared, {logs} of them in ln")
    print(f"{method}: {compared} series, {logs} of them in ln")


if __name__ == "__main__":
    home = Path(sys.argv[1])
    ishigami(home)
    real(home, "sobol")
    real(home, "morris")
    print("all agree")
