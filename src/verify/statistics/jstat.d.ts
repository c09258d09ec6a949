/** The part of jstat (MIT) that Temper uses; it brings no types of its own. */
declare module 'jstat' {
  interface Jstat {
    studentt: { inv(probability: number, degreesOfFreedom: number): number };
    beta: {
      inv(probability: number, alpha: number, beta: number): number;
      cdf(value: number, alpha: number, beta: number): number;
    };
  }
  const jstat: Jstat;
  export default jstat;
}
