import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, type FileHandle, link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { frameBytes } from './codec.ts'

/**
 * Bodies too large for a row, a file each, never changed once it has its name: `blobs/a/abcdef…`. What is still arriving
 * lies in `blobs/spool`.
 */
export interface Blobs {
  /** Makes the folders; throws away what a crash left in the spool. */
  prepare(): Promise<void>
  createSpool(): Promise<{ spool: string; file: FileHandle }>
  openSpool(spool: string): Promise<FileHandle>
  removeSpool(spool: string): Promise<void>
  /** Gives a finished spool file its place. When it resolves, the name is on disk. Calling it again is harmless. */
  place(spool: string): Promise<string>
  remove(blob: string): Promise<void>
  open(blob: string): Promise<FileHandle>
  sizeOf(blob: string): Promise<number | undefined>
  /** Everything that has a place, folder by folder. */
  list(): AsyncGenerator<readonly string[]>
  /** As a hard link where the file system allows it. */
  copyTo(blob: string, folder: string): Promise<void>
  close(): Promise<void>
}

export function createBlobs(folder: string): Blobs {
  const spoolFolder = join(folder, 'spool')
  const pathOf = (blob: string) => join(folder, blob.slice(0, 1), blob)
  const spoolPath = (spool: string) => join(spoolFolder, spool)
  const folders = new Map<string, Promise<FileHandle>>()
  /** Kept open, sixteen at most: each placed blob syncs one of them. */
  const folderOf = (blob: string) => {
    const name = blob.slice(0, 1)
    const known = folders.get(name) ?? openFolder(folder, name)
    folders.set(name, known)
    known.catch(() => folders.delete(name))
    return known
  }
  return {
    async prepare() {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await rm(spoolFolder, { recursive: true, force: true })
      await mkdir(spoolFolder, { mode: 0o700 })
    },
    async createSpool() {
      const spool = randomBytes(16).toString('hex')
      return { spool, file: await open(spoolPath(spool), 'wx+', 0o600) }
    },
    openSpool: (spool) => open(spoolPath(spool), 'r'),
    removeSpool: (spool) => rm(spoolPath(spool), { force: true }),
    async place(spool) {
      const target = pathOf(spool)
      const handle = await folderOf(spool)
      await rename(spoolPath(spool), target).catch(async (error) => {
        if ((await stat(target).catch(() => undefined)) === undefined) throw error
      })
      // A new name is durable only when its folder is.
      await handle.sync()
      return spool
    },
    remove: (blob) => rm(pathOf(blob), { force: true }),
    open: (blob) => open(pathOf(blob), 'r'),
    sizeOf: async (blob) => (await stat(pathOf(blob)).catch(() => undefined))?.size,
    list: () => listBlobs(folder),
    async copyTo(blob, target) {
      const place = join(target, blob.slice(0, 1))
      await mkdir(place, { recursive: true, mode: 0o700 })
      await link(pathOf(blob), join(place, blob)).catch(() =>
        copyFile(pathOf(blob), join(place, blob), constants.COPYFILE_FICLONE),
      )
    },
    async close() {
      for (const handle of folders.values()) await (await handle).close()
      folders.clear()
    },
  }
}

async function openFolder(parent: string, name: string): Promise<FileHandle> {
  const path = join(parent, name)
  const made = await mkdir(path, { recursive: true, mode: 0o700 })
  if (made !== undefined) await syncFolder(parent)
  return open(path, 'r')
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function* listBlobs(folder: string): AsyncGenerator<readonly string[]> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    if (/^[0-9a-f]$/.test(name)) yield await readdir(join(folder, name))
  }
}

/** Octets `[from, to)` of a file; shorter where the file is. */
export async function readRange(file: FileHandle, from: number, to: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(Math.max(to - from, 0))
  let filled = 0
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(
      bytes,
      filled,
      Math.min(bytes.length - filled, frameBytes),
      from + filled,
    )
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled === bytes.length ? bytes : bytes.subarray(0, filled)
}
