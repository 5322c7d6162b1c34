import * as fs from 'node:fs';
import * as path from 'node:path';
import { remove } from '../system/files';
import { atomicWrite, makeFolder } from './atomic';
import { canonicalJson, hashBytes, hashJson, type JsonValue } from './hash';
import { CHECKSUM_BYTES, openShardFile, type OpenShard, type ResidentBudget } from './shard-file';

/**
 * Results that follow from a key alone, in numbered shards: `cache/<hash of key>/shard-00000.safetensors`. Any process may add shards; one that is
 * there is never changed. A shard ends with the SHA-256 of what stands before it, so that a damaged one is found and made again.
 */
export class ShardCache {
  readonly dir: string;
  readonly hash: string;

  constructor(cacheDir: string, key: JsonValue) {
    this.hash = hashJson(key).slice(0, 32);
    this.dir = path.join(cacheDir, this.hash);
    const description = path.join(this.dir, 'key.json');
    if (fs.existsSync(description)) return;
    makeFolder(this.dir);
    atomicWrite(description, `${canonicalJson(key)}\n`);
  }

  private file(shard: number): string {
    return path.join(this.dir, `shard-${String(shard).padStart(5, '0')}.safetensors`);
  }

  has(shard: number): boolean {
    return fs.existsSync(this.file(shard));
  }

  write(shard: number, bytes: Uint8Array): void {
    // Not durable: waiting for the disk takes longer than making a small shard, and a damaged one is noticed.
    atomicWrite(this.file(shard), Buffer.concat([bytes, Buffer.from(hashBytes(bytes), 'hex')]), false);
  }

  /** The shard's bytes; undefined when it is not there, or damaged (it is deleted then). */
  read(shard: number): Uint8Array | undefined {
    let bytes: Buffer;
    try {
      bytes = fs.readFileSync(this.file(shard));
    } catch {
      return undefined;
    }
    const end = Math.max(0, bytes.length - CHECKSUM_BYTES);
    const body = bytes.subarray(0, end);
    if (hashBytes(body) === bytes.subarray(end).toString('hex')) return body;
    remove(this.file(shard));
    return undefined;
  }

  /** As `read`, for shards that together are larger than the memory: what the budget does not hold is read when it is asked for. */
  open(shard: number, budget: ResidentBudget): OpenShard | undefined {
    return openShardFile(this.file(shard), budget);
  }
}
