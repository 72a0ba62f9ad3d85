;; The optimizer's kernels over flat float32 vectors in shared linear memory: WebAssembly SIMD, four numbers at a time.
;; Pointers are bytes, counts are numbers and multiples of 4 (vectors are padded with zeros, which stay zeros).
;; `node tools/build-kernels.ts` writes the bytes into src/engine/optimizer/kernel-bytes.ts.
(module
  (import "env" "memory" (memory 1))

  ;; Adam, Kingma and Ba 2015, algorithm 1, with PyTorch's order of operations:
  ;;   m <- beta1 m + (1 - beta1) g,  v <- beta2 v + (1 - beta2) g^2,  p <- p - step m / (scale sqrt(v) + epsilon)
  ;; where step = learning rate / (1 - beta1^t) and scale = 1 / sqrt(1 - beta2^t). rest = 1 - beta comes in by itself:
  ;; taken in float32 here, 1 - 0.999 would be wrong in its fifth digit.
  ;; Moments far below anything that moves a parameter become zero: as denormals they would slow this loop down.
  (func (export "adam")
    (param $p i32) (param $g i32) (param $m i32) (param $v i32) (param $count i32)
    (param $step f32) (param $beta1 f32) (param $rest1 f32) (param $beta2 f32) (param $rest2 f32)
    (param $scale f32) (param $epsilon f32)
    (local $end i32) (local $gradient v128) (local $first v128) (local $second v128)
    (local $b1 v128) (local $b2 v128) (local $c1 v128) (local $c2 v128)
    (local $steps v128) (local $scales v128) (local $epsilons v128) (local $tiny1 v128) (local $tiny2 v128)
    (local.set $b1 (f32x4.splat (local.get $beta1)))
    (local.set $b2 (f32x4.splat (local.get $beta2)))
    (local.set $c1 (f32x4.splat (local.get $rest1)))
    (local.set $c2 (f32x4.splat (local.get $rest2)))
    (local.set $steps (f32x4.splat (local.get $step)))
    (local.set $scales (f32x4.splat (local.get $scale)))
    (local.set $epsilons (f32x4.splat (local.get $epsilon)))
    (local.set $tiny1 (f32x4.splat (f32.const 1e-30)))
    (local.set $tiny2 (f32x4.splat (f32.const 1e-36)))
    (local.set $end (i32.add (local.get $p) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $p) (local.get $end)))
        (local.set $gradient (v128.load (local.get $g)))
        (local.set $first
          (f32x4.add
            (f32x4.mul (v128.load (local.get $m)) (local.get $b1))
            (f32x4.mul (local.get $gradient) (local.get $c1))))
        (local.set $second
          (f32x4.add
            (f32x4.mul (v128.load (local.get $v)) (local.get $b2))
            (f32x4.mul (f32x4.mul (local.get $gradient) (local.get $gradient)) (local.get $c2))))
        (local.set $first
          (v128.and (local.get $first) (f32x4.gt (f32x4.abs (local.get $first)) (local.get $tiny1))))
        (local.set $second
          (v128.and (local.get $second) (f32x4.gt (local.get $second) (local.get $tiny2))))
        (v128.store (local.get $m) (local.get $first))
        (v128.store (local.get $v) (local.get $second))
        (v128.store (local.get $p)
          (f32x4.sub
            (v128.load (local.get $p))
            (f32x4.div
              (f32x4.mul (local.get $steps) (local.get $first))
              (f32x4.add
                (f32x4.mul (f32x4.sqrt (local.get $second)) (local.get $scales))
                (local.get $epsilons)))))
        (local.set $p (i32.add (local.get $p) (i32.const 16)))
        (local.set $g (i32.add (local.get $g) (i32.const 16)))
        (local.set $m (i32.add (local.get $m) (i32.const 16)))
        (local.set $v (i32.add (local.get $v) (i32.const 16)))
        (br $next))))

  ;; target <- target + rate (source - target)
  (func (export "polyak") (param $target i32) (param $source i32) (param $count i32) (param $rate f32)
    (local $end i32) (local $rates v128) (local $value v128)
    (local.set $rates (f32x4.splat (local.get $rate)))
    (local.set $end (i32.add (local.get $target) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $target) (local.get $end)))
        (local.set $value (v128.load (local.get $target)))
        (v128.store (local.get $target)
          (f32x4.add
            (local.get $value)
            (f32x4.mul (f32x4.sub (v128.load (local.get $source)) (local.get $value)) (local.get $rates))))
        (local.set $target (i32.add (local.get $target) (i32.const 16)))
        (local.set $source (i32.add (local.get $source) (i32.const 16)))
        (br $next))))

  ;; 1 where every number is finite, else 0: x * 0 is 0 for a finite x, and NaN for all others.
  (func (export "allFinite") (param $x i32) (param $count i32) (result i32)
    (local $end i32) (local $sum v128) (local $zero v128)
    (local.set $end (i32.add (local.get $x) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $x) (local.get $end)))
        (local.set $sum (f32x4.add (local.get $sum) (f32x4.mul (v128.load (local.get $x)) (local.get $zero))))
        (local.set $x (i32.add (local.get $x) (i32.const 16)))
        (br $next)))
    (i32x4.all_true (f32x4.eq (local.get $sum) (local.get $zero)))))
