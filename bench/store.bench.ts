import { readOptions } from './measure/options.ts'
import { benchStore } from './store/end-to-end.ts'
import { compareLayouts } from './store/layouts.ts'

/**
 * The mail store alone, without a protocol: what a commit costs, how fast mailboxes are read. `--only layouts` compares what
 * the first decision record decided between.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { only } = readOptions(args)
  if (only === 'layouts') console.table(await compareLayouts())
  else await benchStore(only)
}
