"""A training step and a forward pass in PyTorch, the way its users write them, in the fastest of the usual forms."""

import copy
import time

import torch

import nets
from timing import timed

BETA_MIN, BETA_MAX, T_MIN = 0.1, 20.0, 1e-3
ITEMS = 60_000
LOG_EVERY = 25


class Training:
    """src/diffusion/teacher.ts and src/nets/trainer.ts: batch, v loss, gradient clipped to norm 1, Adam, moving average."""

    def __init__(self, name, batch, net, channels_last, fused, compiled):
        self.octaves, self.batch = nets.OCTAVES[name], batch
        self.net = net.to(memory_format=torch.channels_last) if channels_last else net
        self.data = torch.randn(ITEMS, *((2,) if name == "mlp" else (1, 28, 28)))
        self.parameters = list(self.net.parameters())
        self.ema = [parameter.detach().clone() for parameter in self.parameters]
        self.optimizer = torch.optim.Adam(self.parameters, lr=1e-4, fused=fused)
        self.loss = torch.compile(self.loss_of) if compiled else self.loss_of
        self.losses = []

    def draw(self):
        """Items, times and noises of a batch."""
        clean = self.data[torch.randint(ITEMS, (self.batch,))]
        u = torch.rand(2, self.batch)
        t = T_MIN + (1 - T_MIN) * torch.where(u[0] < 0.5, u[1], u[1] ** 2)
        log_alpha = -0.25 * t * t * (BETA_MAX - BETA_MIN) - 0.5 * t * BETA_MIN
        sigma = torch.sqrt(-torch.expm1(2 * log_alpha))
        return clean, torch.randn_like(clean), log_alpha.exp(), sigma, nets.embed(log_alpha - sigma.log(), self.octaves)

    def loss_of(self, clean, noise, alpha, sigma, embedding):
        shape = (-1,) + (1,) * (clean.dim() - 1)
        alpha, sigma = alpha.view(shape), sigma.view(shape)
        output = self.net(alpha * clean + sigma * noise, embedding)
        return torch.nn.functional.mse_loss(output, alpha * noise - sigma * clean)

    def step(self):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(*self.draw())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(self.ema, self.parameters, 1 - 0.999)
        self.losses.append(loss.detach())
        if len(self.losses) >= LOG_EVERY:
            self.flush()

    def flush(self):
        if self.losses and not torch.isfinite(torch.stack(self.losses)).all():
            raise ValueError("the loss is not finite")
        self.losses = []

    def run(self, steps):
        start = time.perf_counter()
        for _ in range(steps):
            self.step()
        self.flush()
        return time.perf_counter() - start


def fastest(forms):
    """The form whose best of some short runs is the shortest, with its name."""
    best = []
    for label, make in forms.items():
        work = make()
        work(2)
        iterations = max(1, min(50, int(0.15 / work(1))))
        best.append((min(work(iterations) / iterations for _ in range(5)), label, work))
    return min(best, key=lambda one: one[0])[1:]


def training(params):
    name = params["net"]
    net, deviation = nets.build(name, params["reference"])
    compiled = params.get("compile", False)

    def form(channels_last, fused):
        def make():
            nonlocal last
            last = Training(name, params["batch"], copy.deepcopy(net), channels_last, fused, compiled)
            return last.run

        return make

    last = None

    layouts = [False] if name == "mlp" else [False, True]
    adams = [True] if compiled else [False, True]
    forms = {f"{'channels last' if layout else 'contiguous'}, {'fused' if fused else 'plain'} Adam": form(layout, fused) for layout in layouts for fused in adams}
    label, run = fastest(forms)
    drawing = timed(last.draw)(20) / 20 * 1000
    words = f"torch {torch.__version__}, {torch.get_num_threads()} threads, fastest form: {label}; drawing the batch alone takes {drawing:.2g} ms"
    return {"parameters": nets.count(net), "deviation": deviation, "note": words}, run


def forward(params):
    name = params["net"]
    net, deviation = nets.build(name, params["reference"])
    x = torch.randn(params["batch"], *((2,) if name == "mlp" else (1, 28, 28)))

    def form(channels_last):
        mine = copy.deepcopy(net)
        mine = mine.to(memory_format=torch.channels_last) if channels_last else mine
        mine = torch.compile(mine) if params.get("compile", False) else mine

        def evaluate():
            with torch.inference_mode():
                nets.v_to_x0(mine, x, nets.embed(torch.tensor([0.2877]), nets.OCTAVES[name]), 0.8, 0.6)

        return lambda: timed(evaluate)

    label, run = fastest({"contiguous": form(False), **({} if name == "mlp" else {"channels last": form(True)})})
    return {"parameters": nets.count(net), "deviation": deviation, "note": f"torch {torch.__version__}, {torch.get_num_threads()} threads, fastest form: {label}"}, run
