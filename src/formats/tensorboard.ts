/**
 * TensorBoard's event files: TFRecords (length, masked CRC-32C of the length, data, masked CRC-32C of the data) of Event messages
 * (tensorflow/core/util/event.proto). Only what TensorBoard needs for scalars and pictures.
 */
import { PbfWriter } from 'pbf';

export interface ScalarPoint {
  readonly tag: string;
  readonly step: number;
  /** ms since 1970. */
  readonly time: number;
  readonly value: number;
}

export interface ImagePoint {
  readonly tag: string;
  readonly step: number;
  readonly time: number;
  readonly png: Uint8Array;
}

/** A whole event file. */
export function encodeTensorboard(points: readonly (ScalarPoint | ImagePoint)[], started: number): Uint8Array {
  const first = message((out) => {
    out.writeDoubleField(1, started / 1000);
    out.writeStringField(3, 'brain.Event:2');
  });
  const records = [first, ...points.map(pointEvent)].map(record);
  const file = new Uint8Array(records.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const one of records) {
    file.set(one, at);
    at += one.length;
  }
  return file;
}

function pointEvent(point: ScalarPoint | ImagePoint): Uint8Array {
  return message((out) => {
    out.writeDoubleField(1, point.time / 1000);
    out.writeVarintField(2, point.step);
    out.writeMessage(5, (p, summary) => {
      summary.writeMessage(1, writeValue, p);
    }, point);
  });
}

function writeValue(point: ScalarPoint | ImagePoint, out: PbfWriter): void {
  out.writeStringField(1, point.tag);
  if ('value' in point) out.writeFloatField(2, point.value);
  else {
    out.writeMessage(4, ({ png }, image) => {
      // Height and width stand at fixed places of a PNG's header.
      const header = new DataView(png.buffer, png.byteOffset, png.byteLength);
      image.writeVarintField(1, header.getUint32(20));
      image.writeVarintField(2, header.getUint32(16));
      image.writeVarintField(3, 3);
      image.writeBytesField(4, png);
    }, point);
  }
}

function message(write: (out: PbfWriter) => void): Uint8Array {
  const out = new PbfWriter();
  write(out);
  return out.finish();
}

function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(bytes.subarray(0, 8)), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc(data), true);
  return bytes;
}

/** Reflected Castagnoli polynomial. Node's own crc32 is the other one, of zip files. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

function maskedCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
