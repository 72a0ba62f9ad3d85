export interface Sim {
  getObject(path: string, options?: { noError?: boolean }): Promise<number>;
}
