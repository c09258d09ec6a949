/**
 * Percentiles of positive float32 values in one pass and bounded memory, whatever their order: counts over the leading
 * 20 bits of the float (sign, exponent, 11 bits of mantissa). Positive floats sort as their bits do, so a bin spans a
 * relative width of 2^-11 (0.05 %), and interpolation inside it is finer still.
 */
const shift = 12;

export class PositiveHistogram {
  private readonly counts = new Float64Array(0x7f800000 >>> shift);
  private largest = 0;
  private total = 0;

  /** Number of positive values seen. */
  get count(): number {
    return this.total;
  }

  /** Counts the values above zero; zeros and negatives are left out. Throws on NaN and infinity. */
  add(values: Float32Array): void {
    const { counts } = this;
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    for (let i = 0; i < values.length; i++) {
      const pattern = bits[i]!;
      // Beyond the largest finite float: infinity, NaN, or a sign bit.
      if (pattern >= 0x7f800000) {
        if (!(values[i]! <= 0 && values[i]! > -Infinity)) throw new RangeError('not a finite number');
        continue;
      }
      if (pattern === 0) continue;
      counts[pattern >>> shift]!++;
      this.total++;
      if (values[i]! > this.largest) this.largest = values[i]!;
    }
  }

  /** The value below which `percent` of the positive values lie; the exact maximum at 100. Throws if there are none. */
  percentile(percent: number): number {
    if (this.total === 0) throw new RangeError('no positive value');
    if (percent >= 100) return this.largest;
    const wanted = (this.total * percent) / 100;
    let below = 0;
    let bin = 0;
    while (below + this.counts[bin]! < wanted) below += this.counts[bin++]!;
    const [low, high] = [floatOf(bin << shift), floatOf((bin + 1) << shift)];
    const inside = this.counts[bin]! === 0 ? 0 : (wanted - below) / this.counts[bin]!;
    return Math.min(this.largest, Math.fround(low + (high - low) * inside));
  }
}

function floatOf(pattern: number): number {
  return new Float32Array(new Uint32Array([pattern]).buffer)[0]!;
}
