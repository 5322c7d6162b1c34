"""Where DDIM with eta and Heun with churn end on the Gaussian mixture at other settings than their usual ones, in float64, under the noise of our fine path."""
import numpy as np
import torch
from diffusers import DDIMScheduler

from coarse import ITEMS, SEED, Coarse, x0_of
from fixtures import write_json
from mixture import denoise


def ddim_eta(coarse, eta):
    scheduler = DDIMScheduler(num_train_timesteps=coarse.steps + 1, prediction_type="sample", clip_sample=False)
    scheduler.alphas_cumprod = torch.from_numpy(coarse.alpha[::-1].copy() ** 2)
    scheduler.set_timesteps(coarse.steps + 1)
    x = torch.from_numpy(coarse.start)
    for n in range(coarse.steps):
        x0 = torch.from_numpy(denoise(x.numpy(), coarse.alpha[n], coarse.sigma[n]))
        x = scheduler.step(x0, coarse.steps - n, x, eta=eta, variance_noise=torch.from_numpy(coarse.noise[n])).prev_sample
    return x.numpy()


def heun_churn(coarse, churn):
    """Not from a library: EDM's Algorithm 2 as it stands, on x / alpha, with sigma never above the first."""
    x = coarse.start / coarse.alpha[0]
    slope = lambda x, s: (x - x0_of(x / np.sqrt(1 + s**2), s)) / s
    for n in range(coarse.steps):
        s, to = coarse.ratio[n], coarse.ratio[n + 1]
        raised = min(s * (1 + min(churn / coarse.steps, np.sqrt(2) - 1)), coarse.ratio[0])
        x = x + np.sqrt(raised**2 - s**2) * coarse.noise[n]
        d = slope(x, raised)
        x = x + (to - raised) * 0.5 * (d + slope(x + (to - raised) * d, to))
    return x * coarse.alpha[-1]


if __name__ == "__main__":
    runs = [*(("ddim-eta", "eta", eta, ddim_eta) for eta in (0, 0.3, 1)), *(("heun-churn", "churn", churn, heun_churn) for churn in (0, 3, 80))]
    write_json("noisy.json", ["numpy", "torch", "diffusers"], {
        "seed": SEED, "items": ITEMS,
        "ends": [{"sampler": sampler, "settings": {name: value}, "steps": steps, "x": run(Coarse(steps), value).tolist()} for sampler, name, value, run in runs for steps in (5, 20)],
    })
