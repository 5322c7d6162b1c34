"""Ancestral sampling with diffusers' DDPMScheduler, as its documentation writes the loop."""

import copy

import torch
from diffusers import DDPMScheduler

import nets
from timing import timed
from training import fastest

SHAPES = {"mlp": (2,), "unet": (1, 28, 28)}


def sampling(params):
    name, steps = params["net"], params["steps"]
    net, deviation = nets.build(name, params["reference"])
    scheduler = DDPMScheduler(num_train_timesteps=1000, beta_schedule="linear", beta_start=1e-4, beta_end=0.02, prediction_type="v_prediction", clip_sample=False)
    scheduler.set_timesteps(steps)
    cumulative = scheduler.alphas_cumprod
    lambdas = 0.5 * torch.log(cumulative / (1 - cumulative))
    shape = (params["items"], *SHAPES[name])

    def form(channels_last, compiled=params.get("compile", False)):
        mine = copy.deepcopy(net)
        mine = mine.to(memory_format=torch.channels_last) if channels_last else mine
        mine = torch.compile(mine) if compiled else mine

        def evaluate(x, t):
            return mine(x, nets.embed(lambdas[t].view(1), nets.OCTAVES[name]))

        def sample(timesteps):
            with torch.inference_mode():
                x = torch.randn(shape)
                for t in timesteps:
                    x = scheduler.step(evaluate(x, t), t, x).prev_sample
                return x

        return sample

    # A few steps tell which memory layout is faster here.
    samplers = {"contiguous": form(False), **({} if name == "mlp" else {"channels last": form(True)})}
    label, _ = fastest({key: lambda body=body: timed(lambda: body(scheduler.timesteps[:2])) for key, body in samplers.items()})
    body = samplers[label]
    return {
        "units": params.get("share", 1), "parameters": nets.count(net), "deviation": deviation, "note": f"diffusers' DDPMScheduler, {label}",
    }, timed(lambda: body(scheduler.timesteps))
