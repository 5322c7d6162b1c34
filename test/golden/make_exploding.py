"""Schedules whose state grows with the noise, EDM's preconditioning, and solvers on EDM's steps and on VE, on the Gaussian mixture in float64."""
import math
from unittest import mock

import mpmath
import numpy as np
import torch
from diffusers import EDMDPMSolverMultistepScheduler, EDMEulerScheduler, EulerAncestralDiscreteScheduler, HeunDiscreteScheduler

from fixtures import write_json
from mixture import MEANS, SPREAD, WEIGHTS, denoise

STEPS, ITEMS, SIGMA_DATA = 10, 6, 0.5
VE_MIN, VE_MAX, T_MIN = 0.01, 50.0, 1e-3

generator = np.random.default_rng(29)
noise = generator.normal(size=(STEPS, ITEMS, 2)).astype(np.float32).astype(np.float64)  # the tests have them as float32
initial = generator.normal(size=(ITEMS, 2)).astype(np.float32).astype(np.float64)

# EDM's table 1: steps even in sigma^(1/7).
edm_sigma = (80 ** (1 / 7) + np.arange(STEPS + 1) / STEPS * (0.002 ** (1 / 7) - 80 ** (1 / 7))) ** 7
ve_t = np.linspace(1, T_MIN, STEPS + 1)
ve_sigma = VE_MIN * (VE_MAX / VE_MIN) ** ve_t


def schedule_values(sigma, times):
    """With 40 digits, at alpha = 1; g^2 = d sigma^2/dt by differentiation."""
    rows = []
    with mpmath.workdps(40):
        for t in map(mpmath.mpf, times):
            s, g2 = sigma(t), mpmath.diff(lambda u: sigma(u) ** 2, t)
            rows.append({"t": float(t), "alpha": 1.0, "sigma": float(s), "lambda": float(-mpmath.log(s)), "drift": 0.0, "diffusionSquared": float(g2)})
    return rows


def preconditioning():
    """What diffusers makes of numbers around its network."""
    scheduler = EDMEulerScheduler(sigma_data=SIGMA_DATA)
    rows = []
    for sigma in (0.002, 0.05, 0.5, 3.0, 80.0):
        s = torch.tensor(sigma, dtype=torch.float64)
        x, output = torch.tensor([1.5 * sigma - 0.3, 0.7], dtype=torch.float64), torch.tensor([0.4, -1.1], dtype=torch.float64)
        values = {"input": scheduler.precondition_inputs(x, s).tolist(), "noise": scheduler.precondition_noise(s).item(), "x0": scheduler.precondition_outputs(x, output, s).tolist()}
        rows.append({"sigma": sigma, "x": x.tolist(), "output": output.tolist(), **values})
    return rows


def follow(scheduler, sigmas, output, evaluations):
    """Runs a scheduler over given sigmas and returns the state after each step. Noise goes in where it draws its own."""
    scheduler.sigmas = torch.from_numpy(np.asarray(sigmas))
    scheduler.set_begin_index(0)
    scheduler.is_scale_input_called = True
    x, states = torch.from_numpy(initial * sigmas[0]), []
    for i in range(len(evaluations)):
        model = torch.from_numpy(output(x.numpy(), evaluations[i]))
        given = torch.from_numpy(noise[i % STEPS])
        # They round to float32, a choice for half-precision models; without that their arithmetic is float64 throughout.
        with mock.patch.object(torch, "float32", torch.float64), mock.patch(f"{type(scheduler).__module__}.randn_tensor", lambda *_, **__: given, create=True):
            x = scheduler.step(model, scheduler.timesteps[i], x).prev_sample
        assert x.dtype == torch.float64
        states.append(x.numpy().tolist())
    return states


def bare_network(x, s):
    """F, of which the scheduler has to make E[x0 | x] = c_skip x + c_out F."""
    return (denoise(x, 1, s) - SIGMA_DATA**2 / (s**2 + SIGMA_DATA**2) * x) / (s * SIGMA_DATA / math.sqrt(s**2 + SIGMA_DATA**2))


def slope(x, s):
    return (x - denoise(x, 1, s)) / s


def edm_euler():
    scheduler = EDMEulerScheduler(sigma_data=SIGMA_DATA)
    scheduler.set_timesteps(STEPS)
    return follow(scheduler, edm_sigma, bare_network, edm_sigma[:-1])


def edm_dpm(algorithm, order, last):
    scheduler = EDMDPMSolverMultistepScheduler(sigma_data=SIGMA_DATA, algorithm_type=algorithm, solver_order=order, lower_order_final=last, final_sigmas_type="sigma_min")
    scheduler.set_timesteps(STEPS)
    return follow(scheduler, edm_sigma, bare_network, edm_sigma[:-1])


def heun():
    """Two evaluations a step; the state after the second."""
    scheduler = HeunDiscreteScheduler(prediction_type="epsilon", use_karras_sigmas=True)
    scheduler.set_timesteps(STEPS + 1)
    sigmas = np.repeat(edm_sigma, 2)[1:-1]
    return follow(scheduler, sigmas, slope, sigmas)[1::2]


def ancestral():
    scheduler = EulerAncestralDiscreteScheduler(prediction_type="epsilon")
    scheduler.set_timesteps(STEPS)
    return follow(scheduler, edm_sigma, slope, edm_sigma[:-1])


def euler_maruyama(t, sigma, diffusion):
    """Not from a library: dx = -g^2 score dt + g dW backwards in time (Song et al. 2021, equation 6, without drift)."""
    x, states = initial * sigma[0], []
    for n in range(STEPS):
        dt, g2 = t[n] - t[n + 1], diffusion(t[n])
        x = x + g2 * (denoise(x, 1, sigma[n]) - x) / sigma[n] ** 2 * dt + np.sqrt(g2 * dt) * noise[n]
        states.append(x.tolist())
    return states


def ve_ancestral():
    """Not from a library: the posterior of two levels of VE (Song et al. 2021, equation 47), with E[x0 | x] in the place of the score."""
    x, states = initial * ve_sigma[0], []
    for n in range(STEPS):
        s2, to2 = ve_sigma[n] ** 2, ve_sigma[n + 1] ** 2
        x = x + (s2 - to2) * (denoise(x, 1, ve_sigma[n]) - x) / s2 + np.sqrt(to2 * (s2 - to2) / s2) * noise[n]
        states.append(x.tolist())
    return states


def trajectory(sampler, source, states, last=False):
    return {"sampler": sampler, "from": source, "lowerOrderFinal": last, "states": states}


theirs = EDMEulerScheduler()
theirs.set_timesteps(STEPS + 1)
write_json("exploding.json", ["numpy", "mpmath", "torch", "diffusers"], {
    "mixture": {"means": MEANS.tolist(), "weights": WEIGHTS.tolist(), "spread": SPREAD},
    "ve": schedule_values(lambda t: mpmath.mpf(VE_MIN) * (mpmath.mpf(VE_MAX) / mpmath.mpf(VE_MIN)) ** t, (1e-3, 0.01, 0.1, 0.5, 1.0)),
    "edm": schedule_values(lambda t: t, (0.002, 0.05, 1.0, 80.0)),
    "preconditioning": preconditioning(),
    "initial": initial.tolist(), "noise": noise.tolist(),
    "edmSigmas": theirs.sigmas[: STEPS + 1].tolist(), "veTimes": ve_t.tolist(),
    "onEdm": [
        trajectory("euler", "diffusers", edm_euler()),
        *(trajectory(name, "diffusers", edm_dpm(algorithm, order, last), last) for name, algorithm, order in (("dpmpp-2m", "dpmsolver++", 2), ("dpmpp-3m", "dpmsolver++", 3), ("sde-dpmpp-2m", "sde-dpmsolver++", 2)) for last in (False, True)),
        trajectory("heun", "diffusers", heun()),
        trajectory("ddpm", "diffusers", ancestral()),
        trajectory("euler-maruyama", "paper", euler_maruyama(edm_sigma, edm_sigma, lambda t: 2 * t)),
    ],
    "onVe": [
        trajectory("ddpm", "paper", ve_ancestral()),
        trajectory("euler-maruyama", "paper", euler_maruyama(ve_t, ve_sigma, lambda t: 2 * math.log(VE_MAX / VE_MIN) * (VE_MIN * (VE_MAX / VE_MIN) ** t) ** 2)),
    ],
})
