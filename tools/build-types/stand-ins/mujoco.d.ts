declare const opaque: unique symbol;

/** The embedded MuJoCo's module: made and used by this package only. */
export interface MainModule {
  readonly [opaque]: 'module';
}

/** A model of the embedded MuJoCo: made and used by this package only. */
export interface MjModel {
  readonly [opaque]: 'model';
}
