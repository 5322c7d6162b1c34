"""A UNet2DModel with EDM's scheduler: its configuration as `save_pretrained` writes it, and where diffusers draws with it. The weights are those of unet2d/plain, which never saw EDM."""
import torch
from diffusers import EDMEulerScheduler, UNet2DModel
from safetensors.torch import save_file

from fixtures import FOLDER, write_json

STEPS = 8

if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.manual_seed(11)
    unet = UNet2DModel.from_pretrained(FOLDER / "unet2d" / "plain").eval()
    scheduler = EDMEulerScheduler(sigma_max=40.0, sigma_data=0.6)
    scheduler.save_pretrained(FOLDER / "edm-unet")
    # The last step to no noise at all is left out.
    scheduler.set_timesteps(STEPS + 1)
    noise = torch.randn(2, unet.config.in_channels, unet.config.sample_size, unet.config.sample_size)
    x = noise * scheduler.sigmas[0]
    with torch.no_grad():
        for t in scheduler.timesteps[:STEPS]:
            x = scheduler.step(unet(scheduler.scale_model_input(x, t), t).sample, t, x).prev_sample
    last = lambda images: images.permute(0, 2, 3, 1).contiguous()
    save_file({"noise": last(noise), "end": last(x)}, FOLDER / "edm-unet" / "ends.safetensors")
    write_json("edm-unet/made-with.json", ["torch", "diffusers", "safetensors"], {})
