import { runErrands } from '../platform/errand-thread.ts'
import { type ReadYaml, readYaml, writeYaml } from './cli/yaml.ts'

export type ConfigErrand =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'write'; readonly sections: Readonly<Record<string, unknown>> }

/** Parsing a large file takes seconds. */
runErrands<ConfigErrand, ReadYaml | string>((errand) =>
  errand.kind === 'read' ? readYaml(errand.text) : writeYaml(errand.sections),
)
