/**
 * Solves (J Jᵀ + λ² I) y = b for a Jacobian J of six rows by Cholesky's factorisation, in place.
 *
 * Source: Wampler 1986, "Manipulator Inverse Kinematic Solutions Based on Vector Formulations and Damped Least-Squares
 * Methods". With λ > 0 the matrix is positive definite, so that no pivoting is needed.
 */
export class DampedLeastSquares {
  private readonly factor = new Float64Array(36);

  /** @param jacobian row-major, `[6 × columns]`. @param b `[6]`, replaced by y. */
  solve(jacobian: Float64Array, columns: number, damping: number, b: Float64Array): void {
    this.factorise(jacobian, columns, damping * damping);
    const l = this.factor;
    for (let i = 0; i < 6; i++) {
      let sum = b[i] as number;
      for (let k = 0; k < i; k++) sum -= (l[6 * i + k] as number) * (b[k] as number);
      b[i] = sum / (l[7 * i] as number);
    }
    for (let i = 5; i >= 0; i--) {
      let sum = b[i] as number;
      for (let k = i + 1; k < 6; k++) sum -= (l[6 * k + i] as number) * (b[k] as number);
      b[i] = sum / (l[7 * i] as number);
    }
  }

  private factorise(jacobian: Float64Array, columns: number, diagonal: number): void {
    const l = this.factor;
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = i === j ? diagonal : 0;
        for (let k = 0; k < columns; k++)
          sum += (jacobian[columns * i + k] as number) * (jacobian[columns * j + k] as number);
        for (let k = 0; k < j; k++) sum -= (l[6 * i + k] as number) * (l[6 * j + k] as number);
        l[6 * i + j] = i === j ? Math.sqrt(sum) : sum / (l[7 * j] as number);
      }
    }
  }
}
