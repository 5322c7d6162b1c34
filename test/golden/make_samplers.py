"""Schedule, grid and solver trajectories on a Gaussian mixture whose E[x0 | x] is known in closed form, all in float64."""
from unittest import mock

import mpmath
import numpy as np
import torch
from diffusers import DDIMScheduler, DDPMScheduler, DPMSolverMultistepScheduler

from fixtures import write_json
from mixture import BETA_MAX, BETA_MIN, FINE, MEANS, SPREAD, T_MIN, WEIGHTS, denoise, log_alpha

STEPS, ITEMS = 10, 12


def schedule_values():
    """alpha, sigma, lambda with 40 digits: the cancellation of 1 - alpha^2 near t = 0 costs nothing there."""
    rows = []
    with mpmath.workdps(40):
        for t in (1e-6, 1e-4, 1e-3, 0.01, 0.1, 0.3, 0.5, 0.9, 1.0):
            m = mpmath.mpf(t)
            la = -m**2 * (mpmath.mpf(BETA_MAX) - mpmath.mpf(BETA_MIN)) / 4 - m * mpmath.mpf(BETA_MIN) / 2
            sigma = mpmath.sqrt(1 - mpmath.exp(2 * la))
            beta = mpmath.mpf(BETA_MIN) + m * (mpmath.mpf(BETA_MAX) - mpmath.mpf(BETA_MIN))
            rows.append({"t": t, "alpha": float(mpmath.exp(la)), "sigma": float(sigma), "lambda": float(la - mpmath.log(sigma)), "drift": float(-beta / 2), "diffusionSquared": float(beta)})
    return rows


def cosine_values():
    """The schedule of Nichol and Dhariwal 2021, again with 40 digits; beta(t) = -2 d log alpha / dt by differentiation."""
    rows = []
    with mpmath.workdps(40):
        shift = mpmath.mpf("0.008")

        def log_alpha(t):
            return mpmath.log(mpmath.cos((t + shift) / (1 + shift) * mpmath.pi / 2) / mpmath.cos(shift / (1 + shift) * mpmath.pi / 2))

        for t in (1e-3, 0.01, 0.1, 0.5, 0.9, 0.9946):
            la, drift = log_alpha(mpmath.mpf(t)), mpmath.diff(log_alpha, mpmath.mpf(t))
            sigma = mpmath.sqrt(1 - mpmath.exp(2 * la))
            rows.append({"t": t, "alpha": float(mpmath.exp(la)), "sigma": float(sigma), "lambda": float(la - mpmath.log(sigma)), "drift": float(drift), "diffusionSquared": float(-2 * drift)})
    return rows


def flow_values():
    """alpha = 1 - t, sigma = t, and g^2 = d sigma^2/dt - 2 f sigma^2 with f = d log alpha / dt, by differentiation."""
    return process_values(lambda t: 1 - t, lambda t: t, (1e-3, 0.01, 0.1, 0.4, 0.9, 0.999))


def sub_vp_values():
    """The alpha of vp-linear, sigma = 1 - alpha^2 (Song et al. 2021)."""
    def alpha(t):
        return mpmath.exp(-t**2 * (mpmath.mpf(BETA_MAX) - mpmath.mpf(BETA_MIN)) / 4 - t * mpmath.mpf(BETA_MIN) / 2)

    return process_values(alpha, lambda t: 1 - alpha(t) ** 2, (1e-3, 0.01, 0.1, 0.5, 0.9, 1.0))


def process_values(alpha, sigma, times):
    rows = []
    with mpmath.workdps(40):
        for t in map(mpmath.mpf, times):
            drift = mpmath.diff(lambda u: mpmath.log(alpha(u)), t)
            g2 = mpmath.diff(lambda u: sigma(u) ** 2, t) - 2 * drift * sigma(t) ** 2
            rows.append({"t": float(t), "alpha": float(alpha(t)), "sigma": float(sigma(t)), "lambda": float(mpmath.log(alpha(t) / sigma(t))), "drift": float(drift), "diffusionSquared": float(g2)})
    return rows


# The fine grid of 1000 quadratic steps; the coarse one takes every hundredth node.
t = T_MIN + (1 - T_MIN) * (1 - np.arange(0, FINE + 1, FINE // STEPS) / FINE) ** 2
alpha = np.exp(log_alpha(t))
sigma = np.sqrt(-np.expm1(2 * log_alpha(t)))

generator = np.random.default_rng(17)
noise = generator.normal(size=(STEPS, ITEMS, 2)).astype(np.float32).astype(np.float64)  # the tests have them as float32
initial = generator.normal(size=(ITEMS, 2)).astype(np.float32).astype(np.float64)


def denoise_torch(x, n):
    return torch.from_numpy(denoise(x.numpy(), alpha[n], sigma[n]))


def trajectory(step):
    x = torch.from_numpy(initial * sigma[0])
    states = []
    for n in range(STEPS):
        x = step(n, x)
        assert x.dtype == torch.float64
        states.append(x.numpy().copy())
    return np.stack(states).tolist()


def by_alphas_cumprod(kind, **config):
    """A scheduler whose training steps 0 ... STEPS are our nodes from clean to noisy; it never steps from 0, where it would add no noise."""
    scheduler = kind(num_train_timesteps=STEPS + 1, prediction_type="sample", clip_sample=False, **config)
    scheduler.alphas_cumprod = torch.from_numpy(alpha[::-1].copy() ** 2)
    scheduler.set_timesteps(STEPS + 1)
    assert scheduler.timesteps.tolist() == list(range(STEPS, -1, -1))
    return scheduler


def ddim():
    scheduler = by_alphas_cumprod(DDIMScheduler)
    return trajectory(lambda n, x: scheduler.step(denoise_torch(x, n), STEPS - n, x, eta=0.0).prev_sample)


def ddpm():
    scheduler = by_alphas_cumprod(DDPMScheduler, variance_type="fixed_small")

    def step(n, x):
        with mock.patch("diffusers.schedulers.scheduling_ddpm.randn_tensor", lambda *_, **__: torch.from_numpy(noise[n])):
            return scheduler.step(denoise_torch(x, n), STEPS - n, x).prev_sample

    return trajectory(step)


def dpm_solver(algorithm, lower_order_final):
    scheduler = DPMSolverMultistepScheduler(
        num_train_timesteps=1000, algorithm_type=algorithm, solver_order=2, solver_type="midpoint", prediction_type="sample",
        lower_order_final=lower_order_final, final_sigmas_type="sigma_min",
    )
    scheduler.set_timesteps(STEPS)
    scheduler.sigmas = torch.from_numpy(sigma / alpha)  # its only knowledge of the schedule while it steps

    def step(n, x):
        # step() rounds its state to float32, a choice for half-precision models; without that its arithmetic is float64 throughout.
        with mock.patch.object(torch, "float32", torch.float64):
            return scheduler.step(denoise_torch(x, n), scheduler.timesteps[n], x, variance_noise=torch.from_numpy(noise[n])).prev_sample

    return trajectory(step)


def euler_maruyama():
    """Not from a library: diffusers has it on uniform t only. Song et al. 2021, equation 6, as it stands."""
    def step(n, x):
        dt, beta = t[n] - t[n + 1], BETA_MIN + t[n] * (BETA_MAX - BETA_MIN)
        score = (alpha[n] * denoise(x.numpy(), alpha[n], sigma[n]) - x.numpy()) / sigma[n] ** 2
        drift = -0.5 * beta * x.numpy() - beta * score
        return torch.from_numpy(x.numpy() - drift * dt + np.sqrt(beta * dt) * noise[n])

    return trajectory(step)


def fine_ancestral():
    """One item over all 1000 steps by the posterior q(x_s | x_t, x0) of Ho et al. 2020, equation 7, for any two times; its noise is sin(1), sin(2), ..."""
    times = T_MIN + (1 - T_MIN) * (1 - np.arange(FINE + 1) / FINE) ** 2
    a, s = np.exp(log_alpha(times)), np.sqrt(-np.expm1(2 * log_alpha(times)))
    x = np.array([[0.5, -0.25]]) * s[0]
    for j in range(FINE):
        ratio = a[j] / a[j + 1]
        fresh = -np.expm1(2 * (log_alpha(times[j]) - log_alpha(times[j + 1])))  # 1 - ratio^2
        x0 = denoise(x, a[j], s[j])
        mean = (ratio * s[j + 1] ** 2 * x + a[j + 1] * fresh * x0) / s[j] ** 2
        x = mean + np.sqrt(fresh) * s[j + 1] / s[j] * np.sin(np.array([[2 * j + 1, 2 * j + 2]]))
    return x[0].tolist()


write_json("samplers.json", ["numpy", "mpmath", "torch", "diffusers"], {
    "mixture": {"means": MEANS.tolist(), "weights": WEIGHTS.tolist(), "spread": SPREAD},
    "schedule": schedule_values(), "cosine": cosine_values(), "flow": flow_values(), "subVp": sub_vp_values(),
    "grid": {"t": t.tolist(), "alpha": alpha.tolist(), "sigma": sigma.tolist()},
    "initial": initial.tolist(), "noise": noise.tolist(),
    "fineAncestral": fine_ancestral(),
    "trajectories": [
        {"sampler": "ddim", "from": "diffusers", "lowerOrderFinal": False, "states": ddim()},
        {"sampler": "ddpm", "from": "diffusers", "lowerOrderFinal": False, "states": ddpm()},
        *({"sampler": name, "from": "diffusers", "lowerOrderFinal": last, "states": dpm_solver(algorithm, last)}
          for name, algorithm in (("dpmpp-2m", "dpmsolver++"), ("sde-dpmpp-2m", "sde-dpmsolver++")) for last in (False, True)),
        {"sampler": "euler-maruyama", "from": "paper", "lowerOrderFinal": False, "states": euler_maruyama()},
    ],
})
