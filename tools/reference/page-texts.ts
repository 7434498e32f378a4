import type { Language } from '../../src/catalog/language.ts'
import type { FieldSource } from './field-source.ts'
import type { Situation } from './price.ts'

/** A Product is one of Microsoft's services that the certified connector of this contract is offered in. */
export interface Product {
  service: string
  class: string
  /** Where it is not. */
  except: readonly string[]
}

/** A Linked is a kind of record that another one points at. */
export type Linked = Extract<FieldSource, { kind: 'linked' }>['linked']

/** PageTexts are what a reference page says in one language beside the labels and descriptions of its locale, which it shares with the definition. */
export interface PageTexts {
  language: Language
  title: string
  /** This language, and where the page in the other one is. */
  languages: string
  intro: string
  preview: string
  /** What stands between two sentences. */
  gap: string
  headings: Record<'products' | 'connection' | 'limits' | 'tokens' | 'actions' | 'triggers' | 'instant' | 'lookups' | 'definitions', string>
  /** The first rows of tables. */
  columns: Record<ColumnName, string>
  products: {
    rows: readonly Product[]
    regions(service: string, except: readonly string[]): string
    ours: string
    facts: readonly [string, string][]
  }
  connection: { intro: string; name: string; scope: string; sharing: string; sharingOfOurs: string; basic: string }
  limits: { intro: string; calls: string; polls: string; seconds(count: number): string }
  tokens: {
    intro: readonly string[]
    situations: Record<Situation, string>
    total: string
    nothing: string
    variant(key: string, value: string, tokens: number): string
  }
  sections: Record<'actions' | 'triggers' | 'instant' | 'lookups' | 'definitions', string>
  operation: {
    parameters: string
    noParameters: string
    alsoTaken(names: readonly string[]): string
    returns: string
    list(definition: string): string
    /** Of an instant trigger: what each callback brings. */
    sent: string
    oneOf(values: readonly string[]): string
    choices(lookup: string): string
    yes: string
  }
  field: {
    orNull(type: string): string
    listOf(definition: string): string
    usedBy(operations: readonly string[]): string
    sentBy(operations: readonly string[]): string
    /** Of a definition that is another one with more. */
    beyond(definition: string): string
    /** Where what a change has beyond its record comes from. */
    changes: Record<'changed' | 'previous', string>
    included(field: string): string
    linked(fields: readonly string[], linked: string, by: string): string
    includedLink(linked: string): string
    kinds: Record<Linked, string>
    constant(value: string, note: string): string
    removedUpstream(note: string): string
  }
}

type ColumnName =
  | 'service'
  | 'class'
  | 'regions'
  | 'name'
  | 'key'
  | 'required'
  | 'type'
  | 'description'
  | 'path'
  | 'source'
  | 'target'
  | 'scope'
  | 'sharing'
  | 'calls'
  | 'seconds'
  | 'operation'
  | 'request'
