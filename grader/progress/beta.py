"""Beta distributions by mean and spread: where 95 % of the belief lies."""

from collections.abc import Sequence

CREDIBLE = 0.95
SPAN = 14.0  # the logit scale is cut here: 1/(1+e^14) is under a millionth
STEPS = 512


def intervals(means: Sequence[float], variances: Sequence[float]) -> list[tuple[float, float]]:
    """For each mean and variance the central 95 % of the Beta distribution that has them.

    The density is integrated on the logit scale, where it is smooth even for shapes below one.
    """
    import numpy as np

    if not means:
        return []
    mean = np.clip(np.asarray(means, float), 0.001, 0.999)
    most = mean * (1 - mean)
    strength = most / np.clip(np.asarray(variances, float), most * 1e-6, most * 0.98) - 1
    alpha, beta = mean * strength, (1 - mean) * strength
    logit = np.linspace(-SPAN, SPAN, STEPS)
    low = -np.logaddexp(0, -logit)  # log x
    high = -np.logaddexp(0, logit)  # log (1 - x)
    log_density = alpha[:, None] * low + beta[:, None] * high
    density = np.exp(log_density - log_density.max(axis=1, keepdims=True))
    area = np.cumsum((density[:, 1:] + density[:, :-1]) / 2, axis=1)
    step = 2 * SPAN / (STEPS - 1)
    # What lies beyond the cut, where the density falls as e^(-alpha |z|) and e^(-beta |z|).
    below, above = density[:, :1] / (alpha[:, None] * step), density[:, -1:] / (beta[:, None] * step)
    share = np.concatenate([below, below + area], axis=1) / (below + area[:, -1:] + above)
    x = 1 / (1 + np.exp(-logit))
    tail = (1 - CREDIBLE) / 2
    return [(float(np.interp(tail, row, x, left=0.0)), float(np.interp(1 - tail, row, x, right=1.0))) for row in share]
