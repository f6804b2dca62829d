import { parentPort } from 'node:worker_threads'
import { isRight, type SlowHash } from './slow-hash.ts'

export interface SlowCheck {
  readonly id: number
  readonly hash: SlowHash
  readonly passwords: readonly string[]
}

parentPort?.on('message', ({ id, hash, passwords }: SlowCheck) => {
  parentPort?.postMessage({ id, right: isRight(hash, passwords) })
})
