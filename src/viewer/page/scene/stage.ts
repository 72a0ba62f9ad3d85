import {
  ACESFilmicToneMapping,
  Color,
  DirectionalLight,
  Fog,
  HemisphereLight,
  MOUSE,
  Object3D,
  PCFShadowMap,
  PerspectiveCamera,
  PMREMGenerator,
  Scene,
  Vector3,
  WebGLRenderer,
} from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import { RoomEnvironment } from 'three/examples/jsm/environments/RoomEnvironment.js';
import type { SceneLight } from '../../../bridge/simulator.ts';

// As in MuJoCo and CoppeliaSim, z points up.
Object3D.DEFAULT_UP.set(0, 0, 1);

const BACKGROUND = new Color('#c9ced6');
/** What a scene without lights of its own gets, m. */
const KEY_LIGHT = { position: [0.6, -0.8, 2.6], direction: [-0.2, 0.35, -1] } as const;

/** Renderers that draw on the processor: they get a plainer picture, and a live one. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** Whether pictures are drawn without a graphics processor. `#beautiful` in the address says not to mind. */
function drawsInSoftware(renderer: WebGLRenderer): boolean {
  if (location.hash.includes('beautiful')) return false;
  const context = renderer.getContext();
  const names = context.getExtension('WEBGL_debug_renderer_info');
  return SOFTWARE.test(String(context.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER)));
}

/** Renderer, camera, lights: a photographer's studio around whatever is put into `scene`. */
export class Stage {
  readonly scene = new Scene();
  readonly camera = new PerspectiveCamera(32, 1, 0.05, 40);
  readonly controls: OrbitControls;
  readonly renderer: WebGLRenderer;
  /** Whether there is no graphics processor. */
  readonly plain: boolean;
  private readonly canvas: HTMLCanvasElement;

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
    this.renderer = new WebGLRenderer({ canvas, antialias: true, preserveDrawingBuffer: true });
    this.plain = drawsInSoftware(this.renderer);
    this.renderer.toneMapping = ACESFilmicToneMapping;
    this.renderer.toneMappingExposure = 1.05;
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = PCFShadowMap;
    this.scene.background = BACKGROUND;
    this.scene.fog = new Fog(BACKGROUND, 4.5, 11);
    if (!this.plain) this.surround();
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.enableDamping = true;
    this.controls.dampingFactor = 0.12;
    this.controls.minDistance = 0.25;
    this.controls.maxDistance = 6;
    this.controls.maxPolarAngle = Math.PI * 0.62;
    this.controls.mouseButtons = { LEFT: MOUSE.ROTATE, MIDDLE: MOUSE.DOLLY, RIGHT: MOUSE.PAN };
    this.resize();
  }

  /** Puts up the scene's own lights, the first as the key light with a soft shadow. */
  light(lights: readonly SceneLight[] = []): void {
    const key = lights.find(light => light.castsShadow) ?? KEY_LIGHT;
    const sun = new DirectionalLight('#fff3e2', 2.6);
    sun.position.fromArray(key.position);
    sun.target.position.copy(
      new Vector3().fromArray(key.position).add(new Vector3().fromArray(key.direction).setLength(2)),
    );
    sun.castShadow = true;
    sun.shadow.mapSize.setScalar(this.plain ? 1024 : 2048);
    sun.shadow.radius = 5;
    sun.shadow.bias = -0.0004;
    sun.shadow.normalBias = 0.012;
    Object.assign(sun.shadow.camera, { left: -1.7, right: 1.7, top: 1.7, bottom: -1.7, near: 0.2, far: 6 });
    this.scene.add(sun, sun.target);
    for (const light of lights.filter(light => light !== key)) {
      const fill = new DirectionalLight(new Color(...light.color), 0.9);
      fill.position.fromArray(light.position);
      fill.target.position.copy(fill.position).add(new Vector3().fromArray(light.direction));
      this.scene.add(fill, fill.target);
    }
    this.scene.add(new HemisphereLight('#dfe8ff', '#8d8578', this.plain ? 1.5 : 0.55));
  }

  /** Something for smooth surfaces to mirror. */
  private surround(): void {
    const generator = new PMREMGenerator(this.renderer);
    this.scene.environment = generator.fromScene(new RoomEnvironment(), 0.04).texture;
    this.scene.environmentIntensity = 0.42;
    generator.dispose();
  }

  /** Fits the picture to the window, drawn with a share of the display's pixels each way. */
  resize(share = 1): void {
    const { clientWidth, clientHeight } = this.canvas;
    if (clientWidth === 0 || clientHeight === 0) return;
    const ratio = share * (this.plain ? 1 : Math.min(2, window.devicePixelRatio));
    const [width, height] = [Math.floor(clientWidth * ratio), Math.floor(clientHeight * ratio)];
    if (this.canvas.width === width && this.canvas.height === height) return;
    this.renderer.setPixelRatio(ratio);
    this.renderer.setSize(clientWidth, clientHeight, false);
    this.camera.aspect = clientWidth / clientHeight;
    this.camera.updateProjectionMatrix();
  }

  render(): void {
    this.renderer.render(this.scene, this.camera);
  }

  /** Where a point of the world is in the picture, in CSS pixels from its upper left corner. */
  project(point: Vector3): { x: number; y: number } {
    this.camera.updateMatrixWorld();
    const seen = point.clone().project(this.camera);
    return {
      x: ((seen.x + 1) / 2) * this.canvas.clientWidth,
      y: ((1 - seen.y) / 2) * this.canvas.clientHeight,
    };
  }
}
