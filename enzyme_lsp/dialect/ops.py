"""Operations of the Enzyme dialect that take derivatives or batches of a function, as data.

Found by asking the engines 0.0.15 and 0.0.16, which agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class DerivativeOp:
    """An operation that differentiates or batches: a function that it names, or its own region."""

    name: str
    required: tuple[str, ...]
    """The attributes without which the parser or verifier refuses it, besides the callee."""
    names_callee: bool = True
    """Whether its function is a symbol; otherwise it is its region."""

    @property
    def takes_activities(self) -> bool:
        """Whether it says how each argument and result takes part in differentiation."""
        return "activity" in self.required


_ACTIVITIES: Final = ("activity", "ret_activity")

DERIVATIVE_OPS: Final = {
    op.name: op
    for op in (
        DerivativeOp("enzyme.autodiff", _ACTIVITIES),
        DerivativeOp("enzyme.fwddiff", _ACTIVITIES),
        DerivativeOp("enzyme.jacobian", _ACTIVITIES),
        DerivativeOp("enzyme.batch", ("batch_shape",)),
        DerivativeOp("enzyme.autodiff_region", _ACTIVITIES, names_callee=False),
        DerivativeOp("enzyme.fwddiff_region", _ACTIVITIES, names_callee=False),
    )
}
"""By name."""
