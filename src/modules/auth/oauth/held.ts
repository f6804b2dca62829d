import type { Directory } from '../directory/directory.ts'
import type { Repository } from '../directory/repository.ts'

/** One writer at a time, over all processes: of two that show the same code, one is the second. */
export const held = <T>(directory: Directory, write: (rows: Repository) => Promise<T>): Promise<T> =>
  directory.writeQuietly(async (rows) => {
    await rows.holdVersion()
    return write(rows)
  })
