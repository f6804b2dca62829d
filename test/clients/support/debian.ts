import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const installer = fileURLToPath(new URL('../../../scripts/install-debian.sh', import.meta.url))
const run = promisify(execFile)

/**
 * Makes sure that the Debian packages are there, installing on demand what is missing (as root, with apt).
 * Rejects with what to install where that is not possible: a test that needs a client never passes without it.
 */
export async function requireDebian(...packages: readonly string[]): Promise<void> {
  try {
    await run(installer, packages, { timeout: 600_000, maxBuffer: 64 * 1024 * 1024 })
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : String(cause)
    const last = said.split('\n').slice(-3).join('\n')
    throw new Error(`These Debian packages are needed: ${packages.join(' ')}\n${last}`, { cause })
  }
}
