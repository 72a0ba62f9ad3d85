/**
 * Writes protocol buffers: just the wire format (varints, 32-bit numbers, length-delimited fields), which is all that
 * an ONNX model needs.
 *
 * Source: https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufWriter {
  private bytes = new Uint8Array(256);
  private length = 0;

  /** An integer field; negative ones take ten bytes, as int64 does. */
  integer(field: number, value: number | bigint): this {
    this.varint(BigInt(field << 3));
    this.varint(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  float(field: number, value: number): this {
    this.varint(BigInt((field << 3) | 5));
    this.raw(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  string(field: number, value: string): this {
    return this.data(field, new TextEncoder().encode(value));
  }

  data(field: number, value: Uint8Array): this {
    this.varint(BigInt((field << 3) | 2));
    this.varint(BigInt(value.length));
    this.raw(value);
    return this;
  }

  /** A nested message, which `write` fills. */
  message(field: number, write: (writer: ProtobufWriter) => void): this {
    const nested = new ProtobufWriter();
    write(nested);
    return this.data(field, nested.finish());
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private varint(value: bigint): void {
    let rest = value;
    const encoded: number[] = [];
    do {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      encoded.push(rest > 0n ? low | 0x80 : low);
    } while (rest > 0n);
    this.raw(Uint8Array.from(encoded));
  }

  private raw(data: Uint8Array): void {
    if (this.length + data.length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.length + data.length));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(data, this.length);
    this.length += data.length;
  }
}
