import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { rename, utimes } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { domainToUnicode } from 'node:url'
import type { DomainName } from '../../lib/address.ts'
import { makeFolder, replaceFile } from '../../platform/files.ts'
import type { StagedKey } from '../../ports/dkim-keys.ts'

/** One file: a key with what its name says. */
export interface KeyFile {
  readonly path: string
  readonly selector: string
  readonly stage: StagedKey['stage']
  readonly since: number
  readonly pem: string
  readonly type: KeyType
}

type KeyType = 'rsa' | 'ed25519'

const suffixes: Readonly<Record<StagedKey['stage'], string>> = { next: '.next', signing: '', retired: '.old' }
/** The folder where keys lie, and how their files are named. */
export class KeyFolder {
  readonly #pattern: string
  readonly #selector: string

  constructor(pattern: string, selector: string) {
    this.#pattern = pattern
    this.#selector = selector
  }

  path(
    domain: DomainName,
    selector: string,
    stage: StagedKey['stage'],
    written = domainToUnicode(domain),
  ): string {
    return this.#pattern.replaceAll('{domain}', written).replaceAll('{selector}', selector) + suffixes[stage]
  }

  /** RSA first, as Mailu has only that; the newest before older ones. */
  files(domain: DomainName): KeyFile[] {
    const files = this.named(domain).flatMap((file): KeyFile[] => {
      const key = readKey(readFileSync(file.path, 'utf8'))
      return key
        ? [{ ...file, pem: pemOf(key), type: key.asymmetricKeyType === 'rsa' ? 'rsa' : 'ed25519' }]
        : []
    })
    return files.sort(
      (a, b) => Number(a.type === 'ed25519') - Number(b.type === 'ed25519') || b.since - a.since,
    )
  }

  /** The files of a domain under either of its names, with the selector of the settings or one that was made from it. */
  named(domain: DomainName): Omit<KeyFile, 'pem' | 'type'>[] {
    const stages = Object.keys(suffixes) as StagedKey['stage'][]
    return [...new Set([domainToUnicode(domain), domain])].flatMap((written) =>
      stages.flatMap((stage) => this.#inFolder(written, domain, stage)),
    )
  }

  #inFolder(written: string, domain: DomainName, stage: StagedKey['stage']): Omit<KeyFile, 'pem' | 'type'>[] {
    const mark = '\0'
    const [before = '', after = ''] = basename(this.path(domain, mark, stage, written)).split(mark)
    const folder = dirname(this.path(domain, '', stage, written))
    return filesIn(folder).flatMap((file) => {
      if (!file.startsWith(before) || !file.endsWith(after) || file.length < before.length + after.length)
        return []
      const selector = file.slice(before.length, file.length - after.length)
      if (selector !== this.#selector && !selector.startsWith(`${this.#selector}-`)) return []
      const path = this.path(domain, selector, stage, written)
      return [{ path, selector, stage, since: statSync(path).mtimeMs }]
    })
  }

  /** `dkim-20261121`, and a letter behind it on a day of several. */
  freeSelector(files: readonly KeyFile[], now: number): string {
    const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '')
    const taken = new Set(files.map(({ selector }) => selector))
    const letters = ['', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    return (
      letters.map((letter) => `${this.#selector}-${day}${letter}`).find((name) => !taken.has(name)) ??
      `${this.#selector}-${now}`
    )
  }

  async write(
    domain: DomainName,
    selector: string,
    stage: StagedKey['stage'],
    key: KeyObject,
  ): Promise<void> {
    const path = this.path(domain, selector, stage)
    makeFolder(dirname(path))
    await replaceFile(path, pemOf(key))
  }

  async move(domain: DomainName, file: KeyFile, stage: StagedKey['stage'], now: number): Promise<void> {
    const to = this.path(domain, file.selector, stage)
    await rename(file.path, to)
    await utimes(to, now / 1000, now / 1000)
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw cause
  }
}

export const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString()

/** PEM as people paste it: in any wrapping, with or without its first and last line, PKCS #8 or the old PKCS #1. */
export function readKey(text: string): KeyObject | undefined {
  const body = text.replace(/-----[^-]*-----/g, '').replace(/[^A-Za-z0-9+/=]/g, '')
  const der = Buffer.from(body, 'base64')
  for (const type of ['pkcs8', 'pkcs1'] as const) {
    try {
      const key = createPrivateKey({ key: der, format: 'der', type })
      if (key.asymmetricKeyType === 'rsa' || key.asymmetricKeyType === 'ed25519') return key
    } catch {
      // Not of this form.
    }
  }
  return undefined
}
