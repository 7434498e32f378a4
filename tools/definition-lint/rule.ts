/** A JsonValue is an object of a definition that may come from elsewhere: nothing about it is certain. */
export type JsonValue = Record<string, unknown>

/** A LintFinding is one place of a definition that breaks a rule. */
export interface LintFinding {
  rule: string
  at: string
  message: string
}

/** A LintProblem is what a rule says of a place. */
export type LintProblem = readonly [at: string, message: string]

/** A LintRule is one of Microsoft's demands on a definition, as a check without I/O. */
export interface LintRule {
  id: string
  /** The page that demands it. */
  source: string
  /** A rule about English text says nothing about a definition in another language. */
  english?: true
  check(document: JsonValue): Iterable<LintProblem>
}

const LEARN = 'https://learn.microsoft.com/connectors/custom-connectors'
/** The pages of Microsoft that the rules come from. */
export const sources = {
  validator: `${LEARN}/certification-swagger-validator-rules`,
  extensions: `${LEARN}/openapi-extensions`,
  strings: `${LEARN}/connector-string-guidance`,
  standards: `${LEARN}/coding-standards`,
  versioning: `${LEARN}/operational-versioning`,
  polling: `${LEARN}/create-polling-trigger`,
  webhook: `${LEARN}/create-webhook-trigger`,
  limits: `${LEARN}/faq`,
  /** It refuses a definition with any other shape. */
  powerApps: 'the generator of typed clients in Power Apps code apps (pac code add-data-source)',
  schema: 'https://github.com/microsoft/PowerPlatformConnectors/blob/dev/schemas/apiDefinition.swagger.schema.json',
} as const
