import { dynamicRules } from './dynamic-rules.ts'
import { exceptions as allExceptions, type LintException } from './exceptions.ts'
import type { LintFinding, JsonValue, LintRule } from './rule.ts'
import { schemaRules } from './schema-rules.ts'
import { structureRules } from './structure-rules.ts'
import { textRules } from './text-rules.ts'
import { triggerRules } from './trigger-rules.ts'

/** Microsoft's rules for the definition of a connector, as far as they are public. */
export const lintRules: readonly LintRule[] = [...structureRules, ...schemaRules, ...dynamicRules, ...triggerRules, ...textRules]

export interface LintOptions {
  /** Rules about English text are not for a definition in another language. */
  language?: 'en' | 'ja'
  exceptions?: readonly LintException[]
}

/** What Microsoft's validator would find in a definition, as far as its rules are public. Pure. */
export function lint(document: JsonValue, { language = 'en', exceptions = allExceptions }: LintOptions = {}): LintFinding[] {
  return lintRules
    .filter((rule) => language === 'en' || !rule.english)
    .flatMap(({ id, check }) => [...check(document)].map(([at, message]): LintFinding => ({ rule: id, at, message })))
    .filter((finding) => !exceptions.some(({ rule, at }) => rule === finding.rule && at === finding.at))
}
