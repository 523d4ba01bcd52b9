# Audit the views of one day.
import pandas as pd
from dataclasses import dataclass


@dataclass(frozen=True)
class Audit:
    """What one region looked like."""

    region: str
    views: int = 0

    def rate(self, lost: int) -> float:
        return lost / max(self.views, 1) * 100.0


def load(region, day):
    path = f"data/{region}/{day:%Y-%m-%d}.parquet"
    df = pd.read_parquet(path)
    return df[df["views"] > 1_000].sort_values("views", ascending=False)


for region in ("eu", "us"):
    try:
        df = load(region, pd.Timestamp("2026-11-19"))
    except FileNotFoundError as error:
        print(f"{region!r}: {error}")
