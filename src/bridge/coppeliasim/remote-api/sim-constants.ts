/**
 * The constants of `sim` that this package and most programs use, as numbers under the names of CoppeliaSim's manual.
 *
 * `client.require('sim')` reads their values, and those of all others, from the simulator itself; others are reached by
 * `client.constant('sim.NAME')`.
 */
export interface SimConstants {
  readonly handle_all: number;
  readonly handle_inverse: number;
  readonly handle_parent: number;
  readonly handle_scene: number;
  readonly handle_self: number;
  readonly handle_tree: number;
  readonly handle_world: number;

  readonly sceneobject_dummy: number;
  readonly sceneobject_forcesensor: number;
  readonly sceneobject_joint: number;
  readonly sceneobject_proximitysensor: number;
  readonly sceneobject_script: number;
  readonly sceneobject_shape: number;
  readonly sceneobject_visionsensor: number;

  readonly joint_prismatic: number;
  readonly joint_revolute: number;
  readonly joint_spherical: number;
  readonly jointmode_dynamic: number;
  readonly jointmode_kinematic: number;
  readonly jointintparam_dynctrlmode: number;
  readonly jointdynctrl_callback: number;
  readonly jointdynctrl_force: number;
  readonly jointdynctrl_free: number;
  readonly jointdynctrl_position: number;
  readonly jointdynctrl_spring: number;
  readonly jointdynctrl_velocity: number;
  readonly jointfloatparam_maxvel: number;
  readonly jointfloatparam_velocity: number;

  readonly primitiveshape_capsule: number;
  readonly primitiveshape_cone: number;
  readonly primitiveshape_cuboid: number;
  readonly primitiveshape_cylinder: number;
  readonly primitiveshape_plane: number;
  readonly primitiveshape_spheroid: number;
  readonly shapeintparam_respondable: number;
  readonly shapeintparam_respondable_mask: number;
  readonly shapeintparam_static: number;
  readonly shapefloatparam_mass: number;
  readonly colorcomponent_ambient_diffuse: number;

  readonly simulation_advancing: number;
  readonly simulation_advancing_running: number;
  readonly simulation_paused: number;
  readonly simulation_stopped: number;

  readonly scripttype_addon: number;
  readonly scripttype_customization: number;
  readonly scripttype_main: number;
  readonly scripttype_sandbox: number;
  readonly scripttype_simulation: number;
  readonly scriptintparam_enabled: number;
  readonly scriptstringparam_text: number;

  readonly arrayparam_gravity: number;
  readonly boolparam_display_enabled: number;
  readonly boolparam_headless: number;
  readonly boolparam_realtime_simulation: number;
  readonly floatparam_simulation_time_step: number;
  readonly intparam_dynamic_engine: number;
  readonly intparam_program_revision: number;
  readonly intparam_program_version: number;
  readonly stringparam_scene_path_and_name: number;
  readonly physics_bullet: number;
  readonly physics_mujoco: number;
  readonly physics_newton: number;
  readonly physics_ode: number;

  readonly verbosity_errors: number;
  readonly verbosity_infos: number;
  readonly verbosity_scriptinfos: number;
  readonly verbosity_warnings: number;
}
