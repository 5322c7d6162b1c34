import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sizeOf } from '../../src/core/shape';
import { encodeNpy } from '../../src/formats/npy';
import { readDiffusersFolder } from '../../src/jobs/diffusers-folder';
import { fileHash, loadWeights } from '../../src/jobs/diffusers-weights';
import { planImport } from '../../src/jobs/import-plan';
import { setupOf, type Common } from '../../src/jobs/setup';
import { refusal as refusalOf } from '../support/refusal';

const PIPELINE = 'test/golden/fixtures/ddpm-pipeline';
const MODEL = 'test/golden/fixtures/unet2d';
let dir: string;
beforeEach(() => { dir = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-test-')), 'model'); });
afterEach(() => { fs.rmSync(path.dirname(dir), { recursive: true, force: true }); });

const copy = (from: string): void => { fs.cpSync(from, dir, { recursive: true }); };
const at = (...names: string[]): string => path.join(dir, ...names);
const edit = (file: string, change: (value: Record<string, unknown>) => void): void => {
  const value = JSON.parse(fs.readFileSync(at(file), 'utf8')) as Record<string, unknown>;
  change(value);
  fs.writeFileSync(at(file), JSON.stringify(value));
};
const weights = 'unet/diffusion_pytorch_model.safetensors';

/** Code and words of what refuses the folder. */
const refusal = (work: () => unknown = () => readDiffusersFolder(dir, {})): string => refusalOf(work);

test('the folder of a pipeline, of a pipeline without its index, and of a bare model are found', () => {
  copy(PIPELINE);
  expect(readDiffusersFolder(dir, {})).toMatchObject({ pipeline: 'DDPMPipeline', schedule: { prediction: 'v', clip: 1, schedule: { betas: 'linear', trainSteps: 24 } }, notes: [] });
  fs.rmSync(at('model_index.json'));
  expect(readDiffusersFolder(dir, {}).pipeline).toBeNull();
  const bare = readDiffusersFolder(at('unet'), {});
  expect(bare.schedule).toMatchObject({ prediction: 'epsilon', schedule: { trainSteps: 1000, betaEnd: 0.02 } });
  expect(bare.notes).toEqual([expect.stringMatching(/no scheduler_config\.json/)]);
  expect(readDiffusersFolder(at('unet'), { scheduler: at('scheduler', 'scheduler_config.json') }).schedule.prediction).toBe('v');
});

test('the same folder elsewhere is the same teacher, another name or scheduler another one', () => {
  copy(PIPELINE);
  const hash = (from: string, options: object = {}): string => planImport(from, { name: 'a', seed: 0, ...options }).planned.configHash;
  expect(hash(dir)).toBe(hash(PIPELINE));
  expect(hash(dir, { name: 'b' })).not.toBe(hash(dir));
  edit('scheduler/scheduler_config.json', (s) => { s['beta_end'] = 0.3; });
  expect(hash(dir)).not.toBe(hash(PIPELINE));
});

test.each([
  ['a latent pipeline', (i: Record<string, unknown>) => { i['vae'] = ['diffusers', 'AutoencoderKL']; i['unet'] = ['diffusers', 'UNet2DConditionModel']; i['text_encoder'] = ['transformers', 'CLIPTextModel']; }, /^UNSUPPORTED .*AutoencoderKL.*latent/],
  ['a text-conditioned network', (i: Record<string, unknown>) => { i['unet'] = ['diffusers', 'UNet2DConditionModel']; }, /^UNSUPPORTED .*UNet2DConditionModel.*text/],
  ['a transformer', (i: Record<string, unknown>) => { delete i['unet']; i['transformer'] = ['diffusers', 'DiTTransformer2DModel']; }, /^UNSUPPORTED .*UNet2DModel.*transformer/],
])('%s is refused by its index', (_, change, words) => {
  copy(PIPELINE);
  edit('model_index.json', change);
  // Nothing else is looked at.
  fs.rmSync(at('unet'), { recursive: true });
  expect(refusal()).toMatch(words);
});

test.each([
  ['unet/config.json', (c: Record<string, unknown>) => { c['down_block_types'] = ['DownBlock2D', 'SkipDownBlock2D']; }, /^UNSUPPORTED .*down_block_types\[1\]: expected one of 'DownBlock2D', 'AttnDownBlock2D', found "SkipDownBlock2D".*supported is/],
  ['unet/config.json', (c: Record<string, unknown>) => { c['_class_name'] = 'UNet2DConditionModel'; }, /^UNSUPPORTED .*text/],
  ['unet/config.json', (c: Record<string, unknown>) => { c['class_embed_type'] = 'identity'; }, /^UNSUPPORTED [^\n]*class_embed_type: expected 'timestep', found "identity"; supported is[^\n]*$/],
  ['unet/config.json', (c: Record<string, unknown>) => { c['class_embed_type'] = 'timestep'; }, /^BAD_USAGE .*--class/],
  ['unet/config.json', (c: Record<string, unknown>) => { c['num_class_embeds'] = 5; }, /^BAD_USAGE .*--class \(0 to 4\)/],
  ['unet/config.json', (c: Record<string, unknown>) => { c['out_channels'] = 2; }, /^UNSUPPORTED .*learned variance/],
  ['unet/config.json', (c: Record<string, unknown>) => { c['sample_size'] = 9; }, /^UNSUPPORTED .*multiples of 2/],
  ['unet/config.json', (c: Record<string, unknown>) => { c['sample_size'] = null; }, /^UNSUPPORTED .*sample_size/],
  ['unet/config.json', (c: Record<string, unknown>) => { c['norm_num_groups'] = 3; }, /^UNSUPPORTED .*norm_num_groups/],
  ['unet/config.json', (c: Record<string, unknown>) => { c['block_out_channels'] = [1e9, 8]; }, /^UNSUPPORTED .*block_out_channels\[0\]/],
  ['unet/config.json', (c: Record<string, unknown>) => { c['block_out_channels'] = [12, 8]; }, /^BAD_FILE .*weights and config.json are not of one model/],
  ['unet/config.json', (c: Record<string, unknown>) => { c['layers_per_block'] = 2; }, /^BAD_FILE .*are missing/],
  ['unet/config.json', (c: Record<string, unknown>) => { c['add_attention'] = false; }, /^BAD_FILE .*does not speak of/],
  ['scheduler/scheduler_config.json', (s: Record<string, unknown>) => { s['_class_name'] = 'FlowMatchEulerDiscreteScheduler'; }, /^UNSUPPORTED .*DDPM family.*FlowMatch/],
  ['scheduler/scheduler_config.json', (s: Record<string, unknown>) => { s['_class_name'] = 'EDMEulerScheduler'; s['prediction_type'] = 'v_prediction'; }, /^UNSUPPORTED .*prediction_type: expected 'epsilon'.*EDM/],
  ['scheduler/scheduler_config.json', (s: Record<string, unknown>) => { s['beta_schedule'] = 'laplace'; }, /^UNSUPPORTED .*beta_schedule.*laplace/],
  ['scheduler/scheduler_config.json', (s: Record<string, unknown>) => { s['prediction_type'] = 'epsilon'; s['rescale_betas_zero_snr'] = true; }, /^UNSUPPORTED .*v_prediction/],
])('%s: what is not supported is named with what is (%#)', (file, change, words) => {
  copy(PIPELINE);
  edit(file, change);
  expect(refusal()).toMatch(words);
});

test('weights that are cut off, tampered with or pickled are refused from their beginning', () => {
  copy(PIPELINE);
  const whole = fs.readFileSync(at(weights));
  for (const bytes of [whole.subarray(0, 4), whole.subarray(0, 100), whole.subarray(0, -1), Buffer.concat([whole, Buffer.alloc(1)])]) {
    fs.writeFileSync(at(weights), bytes);
    expect(refusal()).toMatch(/^BAD_FILE .*not a sound safetensors file/);
  }
  fs.rmSync(at(weights));
  expect(refusal()).toMatch(/^NOT_FOUND .*no weights/);
  fs.writeFileSync(at('unet', 'diffusion_pytorch_model.bin'), 'cos\nsystem\n');
  expect(refusal()).toMatch(/^UNSUPPORTED .*pickle.*never opened.*safe_serialization/);
  for (const name of ['x.ckpt', 'x.pt']) {
    fs.writeFileSync(at(name), 'cos\nsystem\n');
    expect(refusal(() => readDiffusersFolder(at(name), {}))).toMatch(/^UNSUPPORTED .*pickle/);
  }
  expect(refusal(() => readDiffusersFolder(at('nowhere'), {}))).toMatch(/^NOT_FOUND/);
});

test('weights that changed after they were checked, or are no numbers, are not taken in', () => {
  copy(PIPELINE);
  const file = at(weights);
  const sha256 = fileHash(file);
  const bytes = fs.readFileSync(file);
  bytes.writeUInt16LE(0x7e00, bytes.length - 2);
  fs.writeFileSync(file, bytes);
  expect(refusal(() => loadWeights([{ file, sha256 }]))).toMatch(/^BAD_FILE .*changed/);
  expect(refusal(() => loadWeights([{ file, sha256: fileHash(file) }]))).toMatch(/^BAD_FILE .*finite numbers, found NaN/);
});

test('data in other units than those of the model are refused, each time that they are opened', () => {
  const { architecture } = readDiffusersFolder(PIPELINE, {});
  const shape = [4, ...architecture.sample_size, architecture.in_channels];
  fs.mkdirSync(dir);
  fs.writeFileSync(at('x.npy'), encodeNpy({ shape, data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i)) }));
  const { planned } = planImport(PIPELINE, { name: 'a', seed: 0, data: at('x.npy') });
  for (let k = 0; k < 2; k++) expect(refusal(() => setupOf(planned.config as unknown as Common))).toMatch(/^UNSUPPORTED .*expects bytes of images.*save the array as uint8/);
});

test('of several shards none may be missing, elsewhere or outside the folder', () => {
  copy(`${MODEL}/sharded`);
  const index = 'diffusion_pytorch_model.safetensors.index.json';
  const [first, second] = fs.readdirSync(dir).filter((name) => name.endsWith('.safetensors')).sort() as [string, string];
  fs.renameSync(at(first), at('x'));
  expect(refusal()).toMatch(/^NOT_FOUND .*expected 4 shards, 1 missing: diffusion_pytorch_model-00001/);
  fs.renameSync(at(second), at(first));
  fs.renameSync(at('x'), at(second));
  expect(refusal()).toMatch(/^BAD_FILE .*not where the index says/);
  edit(index, (value) => { value['weight_map'] = { 'conv_in.weight': '../other.safetensors' }; });
  expect(refusal()).toMatch(/^BAD_FILE .*beside it/);
  edit(index, (value) => { value['weight_map'] = { 'conv_in.weight': 'diffusion_pytorch_model.bin' }; });
  expect(refusal()).toMatch(/^UNSUPPORTED .*pickle/);
});

test('a model with classes is imported for one of them', () => {
  copy(`${MODEL}/classes`);
  expect(refusal()).toMatch(/^BAD_USAGE .*--class \(0 to 4\)/);
  expect(refusal(() => readDiffusersFolder(dir, { classLabel: 5 }))).toMatch(/^BAD_USAGE .*found 5/);
  expect(readDiffusersFolder(dir, { classLabel: 4 }).architecture.num_class_embeds).toBe(5);
});

test('attention layers under their old names are known', () => {
  copy(`${MODEL}/attention`);
  const file = at('diffusion_pytorch_model.safetensors');
  const before = loadWeights([{ file, sha256: fileHash(file) }]);
  const bytes = fs.readFileSync(file);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = bytes.subarray(8, 8 + length).toString().replaceAll('.to_q.', '.query.').replaceAll('.to_k.', '.key.').replaceAll('.to_v.', '.value.').replaceAll('.to_out.0.', '.proj_attn.');
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  fs.writeFileSync(file, Buffer.concat([head, Buffer.from(header), bytes.subarray(8 + length)]));
  expect(refusal()).toBe('taken');
  expect(loadWeights([{ file, sha256: fileHash(file) }])).toEqual(before);
});
