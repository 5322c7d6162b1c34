"""Where every other solver ends on the Gaussian mixture after 5, 10 and 20 steps, in float64. All noise is that of OUR fine path, drawn again by `normals.py` and summed here."""
from unittest import mock

import diffrax
import jax
import jax.numpy as jnp
import lineax
import numpy as np
import torch
from diffusers import (
    DDIMScheduler,
    DEISMultistepScheduler,
    DPMSolverMultistepScheduler,
    DPMSolverSinglestepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    HeunDiscreteScheduler,
    SASolverScheduler,
    UniPCMultistepScheduler,
)

from coarse import FINE, ITEMS, SEED, Coarse, dB, fine_alpha, fine_lambda, fine_sigma, theta, x0_of, x_T
from fixtures import write_json
from make_noisy import ddim_eta, heun_churn
from mixture import MEANS, SPREAD, WEIGHTS, denoise

jax.config.update("jax_enable_x64", True)

def float64():
    """Some schedulers round to float32, a choice for half-precision models; without that their arithmetic is float64 throughout."""
    return mock.patch.object(torch, "float32", torch.float64)


def follow(scheduler, coarse, ratios, scaled, prediction="sample", noise=None):
    """Runs a scheduler over given sigma/alpha, one a step and the last one; `scaled`: its state is x / alpha. Noise goes in where it draws its own."""
    scheduler.sigmas = torch.from_numpy(np.asarray(ratios))
    scheduler.set_begin_index(0)
    x = torch.from_numpy(coarse.start / coarse.alpha[0] if scaled else coarse.start)
    scheduler.is_scale_input_called = True
    module = type(scheduler).__module__
    for i, ratio in enumerate(evaluated(scheduler, ratios)):
        a = 1 / np.sqrt(1 + ratio**2)
        x0 = x0_of(a * x.numpy() if scaled else x.numpy(), ratio)
        output = x0 if prediction == "sample" else (x.numpy() - x0) / ratio
        with float64():
            if noise is None:
                x = scheduler.step(torch.from_numpy(output), scheduler.timesteps[i], x).prev_sample
            else:
                with mock.patch(f"{module}.randn_tensor", lambda *_, **__: torch.from_numpy(noise[i])):
                    x = scheduler.step(torch.from_numpy(output), scheduler.timesteps[i], x).prev_sample
        assert x.dtype == torch.float64
    return x.numpy() * (coarse.alpha[-1] if scaled else 1)


def evaluated(scheduler, ratios):
    """Heun evaluates at both ends of each step, the others at each sigma but the last."""
    return ratios if isinstance(scheduler, HeunDiscreteScheduler) else ratios[:-1]


def unipc(coarse, order, variant, last):
    scheduler = UniPCMultistepScheduler(solver_order=order, solver_type=variant, prediction_type="sample", lower_order_final=last, final_sigmas_type="sigma_min")
    scheduler.set_timesteps(coarse.steps)
    return follow(scheduler, coarse, coarse.ratio, False)


def multistep(coarse, kind, last, **config):
    """Where `last` is asked for there must be fewer than 15 steps, since these schedulers ignore it at more."""
    scheduler = kind(prediction_type="sample", lower_order_final=last, **config)
    scheduler.set_timesteps(coarse.steps)
    return follow(scheduler, coarse, coarse.ratio, False)


def sa_solver(coarse, last):
    scheduler = SASolverScheduler(predictor_order=2, corrector_order=2, prediction_type="sample", lower_order_final=last, tau_func=lambda _: torch.tensor(1.0, dtype=torch.float64))
    scheduler.set_timesteps(coarse.steps)
    return follow(scheduler, coarse, coarse.ratio, False, noise=coarse.noise)


def euler(coarse):
    scheduler = EulerDiscreteScheduler(prediction_type="epsilon")
    scheduler.set_timesteps(coarse.steps)
    return follow(scheduler, coarse, coarse.ratio, True, prediction="epsilon")


def euler_ancestral(coarse):
    scheduler = EulerAncestralDiscreteScheduler(prediction_type="epsilon")
    scheduler.set_timesteps(coarse.steps)
    return follow(scheduler, coarse, coarse.ratio, True, prediction="epsilon", noise=coarse.noise)


def heun(coarse):
    scheduler = HeunDiscreteScheduler(prediction_type="epsilon")
    scheduler.set_timesteps(coarse.steps + 1)
    return follow(scheduler, coarse, np.repeat(coarse.ratio, 2)[1:-1], True, prediction="epsilon")


def flow_euler(steps):
    """FlowMatchEulerDiscreteScheduler at even times from 0.999 to 0.001, alpha = 1 - t, sigma = t; its model predicts eps - x0."""
    scheduler = FlowMatchEulerDiscreteScheduler()
    scheduler.set_timesteps(steps)
    times = np.linspace(0.999, 0.001, steps + 1)
    scheduler.sigmas = torch.from_numpy(times)
    scheduler.set_begin_index(0)
    x = torch.from_numpy(x_T * times[0])
    for n in range(steps):
        with float64():
            x = scheduler.step(torch.from_numpy((x.numpy() - denoise(x.numpy(), 1 - times[n], times[n])) / times[n]), scheduler.timesteps[n], x).prev_sample
    return {"steps": steps, "x": x.numpy().tolist()}


def singlestep(coarse, algorithm, order):
    """diffusers takes the stages of a step for steps: its sigmas are our nodes with the levels at lambda + h i / order between them. DPM-Solver-3 is its "midpoint" form, whose inner
    second-order stage the paper has in the "heun" form."""
    lam = np.concatenate([np.linspace(a, b, order, endpoint=False) for a, b in zip(coarse.lam[:-1], coarse.lam[1:])] + [coarse.lam[-1:]])
    scheduler = DPMSolverSinglestepScheduler(algorithm_type=algorithm, solver_order=order, solver_type="midpoint", prediction_type="sample", lower_order_final=False, final_sigmas_type="sigma_min")
    scheduler.set_timesteps(coarse.steps * order)
    assert scheduler.order_list == list(range(1, order + 1)) * coarse.steps
    update = scheduler.singlestep_dpm_solver_update

    def paper(*args, order, **kwargs):
        scheduler.register_to_config(solver_type="heun" if (scheduler.config.solver_order, order) == (3, 2) else "midpoint")
        return update(*args, order=order, **kwargs)

    with mock.patch.object(scheduler, "singlestep_dpm_solver_update", paper):
        return follow(scheduler, coarse, np.exp(-lam), False)


def in_theta(coarse, solver):
    """diffrax on dV = D d theta + dB, V = theta x / alpha, driven by W and H of our fine path, straight within its steps."""
    nodes = theta[coarse.nodes]
    W = np.stack([dB[a:b].sum(0) for a, b in zip(coarse.nodes[:-1], coarse.nodes[1:])])
    # H = 1/h ∫ (B - (u - s)/h W) du, by the trapezium rule, which is exact for straight lines.
    H = []
    for a, b, w in zip(coarse.nodes[:-1], coarse.nodes[1:], W):
        h, u = theta[b] - theta[a], theta[a : b + 1] - theta[a]
        bridge = np.concatenate([np.zeros((1, ITEMS, 2)), np.cumsum(dB[a:b], 0)]) - (u / h)[:, None, None] * w
        H.append(np.trapezoid(bridge, u, axis=0) / h)
    W, H = jnp.array(W), jnp.array(np.stack(H))

    class Given(diffrax.AbstractBrownianPath):
        levy_area = diffrax.SpaceTimeLevyArea

        @property
        def t0(self):
            return nodes[0]

        @property
        def t1(self):
            return nodes[-1]

        def evaluate(self, t0, t1=None, left=True, use_levy=False):
            n = jnp.argmin(jnp.abs(jnp.log(jnp.array(nodes)) - jnp.log(t0)))
            area = diffrax.SpaceTimeLevyArea(dt=t1 - t0, W=W[n], H=H[n])
            return area if use_levy else area.W

    def drift(t, V, args):
        ratio = 1 / jnp.sqrt(t)
        a = 1 / jnp.sqrt(1 + ratio**2)
        x = V * a / t
        variance = a**2 * SPREAD**2 + (a * ratio) ** 2
        distance = ((x[:, None, :] - a * MEANS) ** 2).sum(-1)
        p = jax.nn.softmax(jnp.log(WEIGHTS) - distance / (2 * variance))
        return (a * SPREAD**2 * x + (a * ratio) ** 2 * (p @ MEANS)) / variance

    terms = diffrax.MultiTerm(diffrax.ODETerm(drift), diffrax.ControlTerm(lambda t, V, args: lineax.DiagonalLinearOperator(jnp.ones_like(V)), Given()))
    start = nodes[0] * coarse.start / coarse.alpha[0]
    solution = diffrax.diffeqsolve(terms, solver, nodes[0], nodes[-1], None, jnp.array(start), stepsize_controller=diffrax.StepTo(jnp.array(nodes)), max_steps=coarse.steps + 1)
    return np.asarray(solution.ys[-1]) * coarse.alpha[-1] / nodes[-1]


def sde_3m(coarse, last):
    """Not from diffusers, whose third-order SDE update has -0.5 where the integral gives +0.5: on x / alpha, by the integrals themselves (Gauss-Legendre), with half of the last
    divided difference as in DPM-Solver++ 3M."""
    x, answers = coarse.start / coarse.alpha[0], []
    points, weights = np.polynomial.legendre.leggauss(40)
    for n in range(coarse.steps):
        answers = [denoise(x * coarse.alpha[n], coarse.alpha[n], coarse.sigma[n]), *answers][:3]
        h = coarse.lam[n + 1] - coarse.lam[n]
        order = min(len(answers), coarse.steps - n if last else 3)
        u = h * (points + 1) / 2
        kernel = 2 * np.exp(2 * (u - h)) * weights * h / 2
        drift = kernel.sum() * answers[0]
        if order > 1:
            f01 = (answers[0] - answers[1]) / (coarse.lam[n] - coarse.lam[n - 1])
            if order == 2:
                drift = drift + kernel.sum() * h / 2 * f01
            else:
                f12 = (answers[1] - answers[2]) / (coarse.lam[n - 1] - coarse.lam[n - 2])
                f012 = (f01 - f12) / (coarse.lam[n] - coarse.lam[n - 2])
                drift = drift + (kernel * u).sum() * (f01 + (coarse.lam[n] - coarse.lam[n - 1]) * f012) + 0.5 * (kernel * u**2).sum() * f012
        x = np.exp(-2 * h) * x + drift + coarse.ratio[n + 1] * np.sqrt(1 - np.exp(-2 * h)) * coarse.noise[n]
    return x * coarse.alpha[-1]


def seeds(coarse, stages):
    """Not from a library: the exponential Runge-Kutta stages on V, where the noise between two nodes is the increment of B, with all integrals by Gauss-Legendre."""
    points, weights = np.polynomial.legendre.leggauss(40)
    V = theta[0] * coarse.start / coarse.alpha[0]
    x0_at = lambda V, k: denoise(V * fine_alpha[k] / theta[k], fine_alpha[k], fine_sigma[k])
    for n in range(coarse.steps):
        a, b = coarse.nodes[n], coarse.nodes[n + 1]
        inner = [a + 1 + int(np.argmin(np.abs(fine_lambda[a + 1 : b] - fine_lambda[a] - i / stages * (fine_lambda[b] - fine_lambda[a])))) for i in range(1, stages)]

        def to(k, parts):
            """V at node k with the drift sum_i D_i p_i(u), p_i given as [D, p], u = lambda - lambda_a; d theta = 2 theta d lambda."""
            h = fine_lambda[k] - fine_lambda[a]
            u = h * (points + 1) / 2
            d_theta = 2 * theta[a] * np.exp(2 * u) * weights * h / 2
            return V + sum(D * (d_theta * p(u)).sum() for D, p in parts) + dB[a:k].sum(0)

        one = lambda u: np.ones_like(u)
        D = x0_at(V, a)
        reach = [fine_lambda[k] - fine_lambda[a] for k in inner]
        D2 = x0_at(to(inner[0], [(D, one)]), inner[0])
        if stages == 2:
            # The mean of the line through D and D2 over the step is read off at its middle.
            w = (fine_lambda[b] - fine_lambda[a]) / (2 * reach[0])
            V = to(b, [(D, one), (D2 - D, lambda u: w * one(u))])
        else:
            D3 = x0_at(to(inner[1], [(D, one), (D2 - D, lambda u: u / reach[0])]), inner[1])
            V = to(b, [(D, one), (D3 - D, lambda u: u / reach[1])])
    return V * coarse.alpha[-1] / theta[coarse.nodes[-1]]


def spacings():
    """Which of 1000 training steps diffusers takes, with one step of offset as Stable Diffusion's scheduler has it; at counts where no place is half-way between two,
    which numpy rounds to the even one."""
    rows = []
    for spacing in ("trailing", "leading", "linspace"):
        for steps in (5, 10, 20, 50) if spacing == "linspace" else (2, 5, 7, 10, 20, 50):
            scheduler = DDIMScheduler(num_train_timesteps=1000, timestep_spacing=spacing, steps_offset=1)
            scheduler.set_timesteps(steps)
            rows.append({"spacing": spacing, "steps": steps, "timesteps": scheduler.timesteps.tolist()})
    return rows


DPM = dict(final_sigmas_type="sigma_min")
RUNS = [
    *((name, "diffusers", last, lambda c, order=order, variant=variant, last=last: unipc(c, order, variant, last))
      for name, order, variant in (("unipc", 2, "bh2"), ("unipc-bh1", 2, "bh1"), ("unipc-3", 3, "bh2")) for last in (False, True)),
    ("euler", "diffusers", False, euler),
    ("euler-ancestral", "diffusers", False, euler_ancestral),
    ("heun", "diffusers", False, heun),
    ("heun-churn", "paper", False, lambda c: heun_churn(c, 10)),
    ("ddim-eta", "diffusers", False, lambda c: ddim_eta(c, 0.5)),
    ("dpm-solver-1", "diffusers", False, lambda c: singlestep(c, "dpmsolver", 1)),
    ("dpm-solver-2", "diffusers", False, lambda c: singlestep(c, "dpmsolver", 2)),
    ("dpm-solver-3", "diffusers", False, lambda c: singlestep(c, "dpmsolver", 3)),
    ("dpmpp-2s", "diffusers", False, lambda c: singlestep(c, "dpmsolver++", 2)),
    *(("dpmpp-3m", "diffusers", last, lambda c, last=last: multistep(c, DPMSolverMultistepScheduler, last, solver_order=3, algorithm_type="dpmsolver++", **DPM)) for last in (False, True)),
    *((f"deis-{order}", "diffusers", last, lambda c, order=order, last=last: multistep(c, DEISMultistepScheduler, last, solver_order=order)) for order in (2, 3) for last in (False, True)),
    ("sra1", "diffrax", False, lambda c: in_theta(c, diffrax.SRA1())),
    ("shark", "diffrax", False, lambda c: in_theta(c, diffrax.ShARK())),
    *(("sa-solver", "diffusers", last, lambda c, last=last: sa_solver(c, last)) for last in (False, True)),
    *(("sde-dpmpp-3m", "integrals", last, lambda c, last=last: sde_3m(c, last)) for last in (False, True)),
    ("seeds-2", "integrals", False, lambda c: seeds(c, 2)),
    ("seeds-3", "integrals", False, lambda c: seeds(c, 3)),
]

write_json("solvers.json", ["numpy", "torch", "diffusers", "diffrax", "jax", "jaxlib"], {
    "spacings": spacings(), "seed": SEED, "items": ITEMS,
    "flowEuler": [flow_euler(steps) for steps in (5, 10, 20)],
    "ends": [
        {"sampler": sampler, "from": source, "lowerOrderFinal": last, "steps": steps, "x": run(Coarse(steps)).tolist()}
        for sampler, source, last, run in RUNS for steps in (5, 10, 20) if not (last and steps == 20 and sampler in ("dpmpp-3m", "deis-2", "deis-3"))
    ],
})
