"""Trust in workshops that neither the package nor the administrator vouches for.

A person is asked once, before anything of such a workshop is done. What is trusted is
what there is to see: the definition and the files bundled with it, by their digest. Files
that come from elsewhere are pinned by the definition, by commit or checksum.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from uuid import uuid4

from .definition.loading import LoadedDefinition
from .definition.models import BundledSource, Definition, GitSource
from .errors import WorkshopError
from .jobs.job import JobKind
from .materials.bundled import bundle_digests
from .policy import host_of
from .progress.snapshot import TrustView

WITHOUT_TRUST: tuple[JobKind, ...] = ("undo", "report")
"""Work that does nothing of what a definition says."""


class NotTrusted(WorkshopError):
    """Nobody has said yet that this workshop may be run."""

    code = "not_trusted"

    def __init__(self, title: str) -> None:
        super().__init__(
            f"“{title}” does not come with this extension and is not trusted yet.",
            hint="Look at what it would do, and trust it if you know who made it: in the panel, "
            "or with --trust on the command line.",
        )


class TrustOutdated(WorkshopError):
    """The workshop is no longer the one that the person was shown."""

    code = "trust_outdated"

    def __init__(self) -> None:
        super().__init__(
            "The workshop has changed since it was shown to you, so it was not trusted.",
            hint="Look at it again, then decide.",
        )


class Trust:
    """Whether a person trusts a workshop.

    Parameters
    ----------
    kept
        The folder that remembers what was trusted: an empty file for each digest.
    """

    def __init__(self, loaded: LoadedDefinition, kept: Path) -> None:
        self._loaded = loaded
        self._kept = kept

    @property
    def needed(self) -> bool:
        """Whether anybody has to be asked at all."""
        return not self._loaded.vouched

    @property
    def given(self) -> bool:
        """Whether the workshop, as it is now, may be run."""
        return self._loaded.vouched or (self._kept / self.digest()).is_file()

    def digest(self) -> str:
        """Return what the definition and its bundled files are, as a digest.

        Raises
        ------
        WorkshopError
            If the bundled files are not what they should be.
        """
        definition = self._loaded.definition
        digest = hashlib.sha256(definition.model_dump_json(exclude_defaults=True).encode("utf-8"))
        if isinstance(definition.source, BundledSource):
            files = bundle_digests(definition.source, self._loaded.folder)
            for path, content in sorted(files.items()):
                digest.update(f"\0{content} {path}".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    def give(self, digest: str) -> None:
        """Remember that the person trusts what has this digest.

        Raises
        ------
        TrustOutdated
            If the workshop has another one now.
        """
        if digest != self.digest():
            raise TrustOutdated
        self._kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._kept / f".{uuid4().hex}"
        fresh.touch(mode=0o600)
        fresh.replace(self._kept / digest)

    def check(self, kind: JobKind) -> None:
        """Refuse work on a workshop that is not trusted.

        Raises
        ------
        NotTrusted
            If it may not be done yet.
        """
        if kind not in WITHOUT_TRUST and not self.given:
            raise NotTrusted(self._loaded.definition.title)

    def view(self) -> TrustView | None:
        """Return what a person is shown before the decision; ``None`` if there is none to make."""
        if self.given:
            return None
        return trust_view(self._loaded.definition, self._loaded.folder, self.digest())


def trust_view(definition: Definition, folder: Path, digest: str) -> TrustView:
    """Return what a workshop would do, so that a person can decide."""
    addresses = [url for data in definition.data for url in data.urls]
    if isinstance(definition.source, GitSource):
        addresses = [*definition.source.urls, *addresses]
    steps = [step for module in definition.modules for step in module.steps]
    patches = [patch for module in definition.modules for patch in module.patches]
    return TrustView(
        digest=digest,
        folder=str(folder),
        hosts=tuple(dict.fromkeys(filter(None, map(host_of, addresses)))),
        packages=tuple(dict.fromkeys(rule.require for rule in definition.environment.packages)),
        notebooks=len({module.notebook for module in definition.modules}),
        cells=sum(len(step.cells) for step in steps),
        patches=len(patches),
        expressions=sum(len(step.check.expressions) for step in steps),
    )
