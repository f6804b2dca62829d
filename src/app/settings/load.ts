import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { type ReadSettings, readSettings } from './read.ts'

const root = resolve(import.meta.dirname, '..', '..', '..')

/** Reads the settings of this process: the file, the environment, the files it names. */
export function loadSettings(options: {
  readonly home: boolean
  readonly config: string | undefined
}): ReadSettings {
  const path = options.config ?? join(root, 'config', 'homepost.env')
  const readFile = (name: string) => readFileSync(name, 'utf8')
  if (!existsSync(path)) {
    if (options.config !== undefined)
      return { kind: 'mistakes', mistakes: [`--config: there is no file ${path}`] }
    return readSettings({ home: options.home, file: undefined, environment: process.env, readFile })
  }
  try {
    const values = parseEnv(readFile(path)) as Record<string, string>
    return readSettings({
      home: options.home,
      file: { name: path, values },
      environment: process.env,
      readFile,
    })
  } catch (cause) {
    return { kind: 'mistakes', mistakes: [`${path}: cannot be read: ${(cause as Error).message}`] }
  }
}
