"""Small, randomly initialised UNet2DModels as diffusers saves them, what PyTorch computes with them, and a whole DDPMPipeline."""
import json
import shutil

import torch
from diffusers import DDIMScheduler, DDPMPipeline, DDPMScheduler, UNet2DModel
from safetensors.torch import save_file

from fixtures import FOLDER, write_json

PACKAGES = ["torch", "diffusers", "safetensors"]
PLAIN = dict(in_channels=1, out_channels=1, layers_per_block=1, norm_num_groups=4, time_embedding_dim=8)

CASES = {
    "plain": (torch.float32, dict(
        PLAIN, sample_size=8, in_channels=3, out_channels=3, layers_per_block=2, block_out_channels=(8, 12),
        down_block_types=("DownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "UpBlock2D"), attention_head_dim=None)),
    "attention": (torch.float16, dict(
        PLAIN, sample_size=8, block_out_channels=(8, 8), attention_head_dim=4, downsample_padding=0, flip_sin_to_cos=False, freq_shift=1, norm_eps=1e-6,
        down_block_types=("DownBlock2D", "AttnDownBlock2D"), up_block_types=("AttnUpBlock2D", "UpBlock2D"))),
    "resampling": (torch.float16, dict(
        PLAIN, sample_size=8, block_out_channels=(8, 8, 8), attention_head_dim=8, downsample_type="resnet", upsample_type="resnet", act_fn="mish", add_attention=False,
        resnet_time_scale_shift="scale_shift", down_block_types=("AttnDownBlock2D", "AttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "AttnUpBlock2D", "AttnUpBlock2D"))),
    "fourier": (torch.float16, dict(
        PLAIN, sample_size=8, block_out_channels=(8, 8), attention_head_dim=8, time_embedding_type="fourier", act_fn="gelu", mid_block_scale_factor=1.4142135623730951,
        resnet_time_scale_shift="scale_shift", attn_norm_num_groups=2, down_block_types=("DownBlock2D", "AttnDownBlock2D"), up_block_types=("AttnUpBlock2D", "UpBlock2D"))),
    "classes": (torch.bfloat16, dict(
        PLAIN, sample_size=8, block_out_channels=(8, 8), num_class_embeds=5, center_input_sample=True, act_fn="relu", mid_block_type=None,
        down_block_types=("AttnDownBlock2D", "AttnDownBlock2D"), up_block_types=("AttnUpBlock2D", "AttnUpBlock2D"), attention_head_dim=2)),
    "class-timestep": (torch.float16, dict(
        PLAIN, sample_size=(4, 8), block_out_channels=(8, 16), class_embed_type="timestep", act_fn="swish", attention_head_dim=8,
        down_block_types=("DownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "UpBlock2D"))),
    "odd": (torch.float16, dict(
        PLAIN, sample_size=4, block_out_channels=(9, 9), norm_num_groups=3, attention_head_dim=4, resnet_time_scale_shift="scale_shift",
        down_block_types=("DownBlock2D", "AttnDownBlock2D"), up_block_types=("AttnUpBlock2D", "UpBlock2D"))),
}
CLASS = {"classes": 3, "class-timestep": 3}


def randomise(model, dtype):
    """Biases and gains that matter, rounded to what the file can hold."""
    for name, p in model.named_parameters():
        if not name.startswith("time_proj"):
            p.data += 0.1 * torch.randn_like(p)
        p.data = p.data.to(dtype).to(torch.float32)


def make_cases():
    outputs = {}
    for name, (dtype, config) in CASES.items():
        torch.manual_seed(sum(map(ord, name)))
        model = UNet2DModel(**config).eval()
        randomise(model, dtype)
        size = config["sample_size"]
        height, width = size if isinstance(size, tuple) else (size, size)
        x = torch.randn(2, config["in_channels"], height, width)
        labels = torch.tensor([CLASS[name]] * 2) if name in CLASS else None
        # From one step's beginning to another: each item has a time of its own.
        with torch.no_grad():
            out = model(x, torch.tensor([7, 981]), class_labels=labels).sample
        folder = FOLDER / "unet2d" / name
        model.to(dtype).save_pretrained(folder)
        outputs[f"{name}.x"] = x.permute(0, 2, 3, 1).contiguous()
        outputs[f"{name}.out"] = out.permute(0, 2, 3, 1).contiguous()
    save_file(outputs, FOLDER / "unet2d" / "outputs.safetensors")


def make_schedules():
    """alphas_cumprod of every kind of schedule: some indices of 1000, in float32 as the scheduler has them."""
    at = [0, 1, 2, 10, 100, 500, 900, 998, 999]
    kinds = {
        "linear": {}, "scaled_linear": dict(beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012), "squaredcos_cap_v2": dict(beta_schedule="squaredcos_cap_v2"),
        "sigmoid": dict(beta_schedule="sigmoid"), "zero-snr": dict(rescale_betas_zero_snr=True), "zero-snr-scaled": dict(beta_schedule="scaled_linear", rescale_betas_zero_snr=True),
        "trained": dict(trained_betas=[0.001 * (1 + k % 7) for k in range(1000)]),
    }
    schedules = {}
    for name, config in kinds.items():
        scheduler = DDPMScheduler(**config)
        schedules[name] = {"config": dict(scheduler.config), "alphaBar": scheduler.alphas_cumprod[at].tolist()}
    return {"at": at, "schedules": schedules}


def blobs(count):
    """Pictures of one bright spot each, 8x8, -1 to 1."""
    axis = torch.arange(8.0)
    centre, width = 1.5 + 4 * torch.rand(count, 2, 1), 0.8 + 0.8 * torch.rand(count, 1, 1)
    row, column = torch.exp(-((axis - centre) / width[:, 0:1]) ** 2).unbind(1)
    return (2 * row[:, :, None] * column[:, None, :] - 1)[:, None]


def train(unet, scheduler, steps=400):
    """Long enough that it denoises better than a linear filter."""
    optimizer = torch.optim.Adam(unet.parameters(), lr=5e-3)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for step in range(steps):
        x0 = blobs(64)
        noise, t = torch.randn_like(x0), torch.randint(0, 24, (64,))
        loss = torch.nn.functional.mse_loss(unet.train()(scheduler.add_noise(x0, noise, t), t).sample, scheduler.get_velocity(x0, noise, t))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        decay.step()
    print(f"trained to a loss of {loss.item():.4f}")
    unet.eval()


def make_pipeline():
    """A trained pipeline of 24 training steps, and where its ODE and its ancestral sampler lead from given noise before their last step, which removes all noise."""
    torch.manual_seed(11)
    unet = UNet2DModel(**dict(PLAIN, sample_size=8, block_out_channels=(8, 8), attention_head_dim=8,
                              down_block_types=("DownBlock2D", "AttnDownBlock2D"), up_block_types=("AttnUpBlock2D", "UpBlock2D"))).eval()
    config = dict(num_train_timesteps=24, beta_start=0.004, beta_end=0.4, prediction_type="v_prediction", clip_sample=True)
    ddpm = DDPMScheduler(**config)
    train(unet, ddpm)
    for p in unet.parameters():
        p.data = p.data.half().float()
    folder = FOLDER / "ddpm-pipeline"
    noise = torch.randn(24, 2, 1, 8, 8)

    def run(scheduler, step):
        x = noise[0]
        scheduler.set_timesteps(24)
        for k, t in enumerate(scheduler.timesteps[:-1]):
            with torch.no_grad():
                x = step(unet(x, t).sample, t, x, k)
        return x.permute(0, 2, 3, 1).contiguous()

    ddim = DDIMScheduler.from_config(ddpm.config)
    states = {"x_T": noise[0].permute(0, 2, 3, 1).contiguous(), "noise": noise[1:].permute(0, 1, 3, 4, 2).contiguous()}
    states["ddim"] = run(ddim, lambda out, t, x, k: ddim.step(out, t, x, use_clipped_model_output=True).prev_sample)

    def ancestral(out, t, x, k):
        """DDPM's own formula, with our noise in the place of the one that it draws."""
        import diffusers.schedulers.scheduling_ddpm as module
        original, module.randn_tensor = module.randn_tensor, lambda *_, **__: noise[k + 1]
        try:
            return ddpm.step(out, t, x).prev_sample
        finally:
            module.randn_tensor = original

    states["ddpm"] = run(ddpm, ancestral)
    DDPMPipeline(unet=unet.half(), scheduler=ddpm).save_pretrained(folder)
    save_file(states, FOLDER / "unet2d" / "pipeline.safetensors")


def make_sharded():
    """The first case again as several files with an index."""
    model = UNet2DModel.from_pretrained(FOLDER / "unet2d" / "plain")
    folder = FOLDER / "unet2d" / "sharded"
    model.half().save_pretrained(folder, max_shard_size="20KB")
    # diffusers writes down where the model came from, on this machine.
    config = json.loads((folder / "config.json").read_text())
    del config["_name_or_path"]
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


if __name__ == "__main__":
    for name in ["unet2d", "ddpm-pipeline"]:
        shutil.rmtree(FOLDER / name, ignore_errors=True)
    (FOLDER / "unet2d").mkdir()
    make_cases()
    make_pipeline()
    make_sharded()
    write_json("unet2d/schedules.json", PACKAGES, make_schedules())
