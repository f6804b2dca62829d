import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type RouteKey, type RouteMap, readRouteMap, withRoute } from '../lib/route-map.ts'
import { replaceFile } from '../platform/files.ts'
import { Mutex } from '../platform/sqlite/mutex.ts'

/** routes.map in the data folder, which the queue reads by itself. It holds passwords: its owner alone can read it. */
export interface RouteFile {
  /** Throws BadSyntax where somebody has damaged it. */
  read(): Promise<RouteMap>
  set(key: RouteKey, line: string): Promise<void>
  delete(key: RouteKey): Promise<void>
}

export function createRouteFile(path: string): RouteFile {
  const turns = new Mutex()
  const text = async () => (existsSync(path) ? readFile(path, 'utf8') : '')
  const change = (key: RouteKey, line: string | undefined) =>
    turns.run(async () => replaceFile(path, withRoute(await text(), key, line)))
  return {
    read: async () => readRouteMap(await text()),
    set: (key, line) => change(key, line),
    delete: (key) => change(key, undefined),
  }
}
