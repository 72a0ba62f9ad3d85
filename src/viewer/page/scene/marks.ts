import { Group, Mesh, MeshBasicMaterial, SphereGeometry } from 'three';

/** Places that an episode is about, as translucent balls. */
export class Marks {
  readonly root = new Group();
  private readonly geometry = new SphereGeometry(1, 32, 16);
  // What reaches a place hides it: it must show through.
  private readonly material = new MeshBasicMaterial({
    ...{ color: '#12a150', transparent: true, opacity: 0.55 },
    ...{ depthTest: false, depthWrite: false },
  });

  /** @param marks `[marks × 4]`: position and radius, m. */
  show(marks: Float32Array): void {
    const count = marks.length / 4;
    while (this.root.children.length < count) {
      const ball = new Mesh(this.geometry, this.material);
      ball.renderOrder = 9;
      this.root.add(ball);
    }
    for (const [i, ball] of this.root.children.entries()) {
      ball.visible = i < count;
      if (!ball.visible) continue;
      ball.position.fromArray(marks, 4 * i);
      ball.scale.setScalar(marks[4 * i + 3] as number);
    }
  }
}
