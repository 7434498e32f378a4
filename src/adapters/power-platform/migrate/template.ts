import { scopeOf, textOf, type ScopedValue, type Scope } from './expression.ts'
import { at, membersOf, stringAt, type JsonNode } from './json-text.ts'

/** A TemplateResource is a resource of an ARM template with the scope that its expressions are read in. */
export interface TemplateResource {
  resource: JsonNode
  scope: Scope
}

/** Names in a template are case-insensitive. */
const byLowerCase = (node: JsonNode | undefined): Map<string, JsonNode> =>
  new Map(membersOf(node).map(([name, value]) => [name.toLowerCase(), value]))

/** The scope of a template: its variables, and the given values of its parameters or else their defaults. */
export function templateScope(template: JsonNode, given?: ScopedValue): Scope {
  const variables = byLowerCase(at(template, 'variables'))
  const parameters = byLowerCase(at(template, 'parameters'))
  const values = byLowerCase(given?.node)
  const scope = scopeOf('template', (kind, name) => {
    const key = name.toLowerCase()
    const value = kind === 'parameters' ? at(values.get(key), 'value') : undefined
    if (value !== undefined) return { node: value, scope: given!.scope }
    const node = kind === 'variables' ? variables.get(key) : at(parameters.get(key), 'defaultValue')
    return node && { node, scope }
  })
  return scope
}

/** All resources, including nested ones and those of nested deployments. */
export function resourcesOf(template: JsonNode, scope = templateScope(template)): TemplateResource[] {
  const found: TemplateResource[] = []
  collect(template, scope, isOfVersion2(template), found)
  return found
}

function collect(node: JsonNode, scope: Scope, isVersion2: boolean, found: TemplateResource[]): void {
  const list = at(node, 'resources')
  // A template of language version 2 has an object of them.
  const own = list?.kind === 'array' ? list.items : membersOf(list).map(([, resource]) => resource)
  for (const resource of own) {
    found.push({ resource, scope })
    collect(resource, scope, isVersion2, found)
    const inner = at(resource, 'properties', 'template')
    if (inner === undefined) continue
    // https://learn.microsoft.com/azure/azure-resource-manager/templates/linked-templates: unless it says inner, a nested template reads the outer one's names.
    const evaluated = stringAt(resource, 'properties', 'expressionEvaluationOptions', 'scope')?.value ?? (isVersion2 ? 'inner' : 'outer')
    const parameters = at(resource, 'properties', 'parameters')
    const innerScope = evaluated.toLowerCase() === 'inner' ? templateScope(inner, parameters && { node: parameters, scope }) : scope
    collect(inner, innerScope, isOfVersion2(inner), found)
  }
}

const isOfVersion2 = (template: JsonNode): boolean => (stringAt(template, 'languageVersion')?.value ?? '').startsWith('2')

/** Whether a resource has that type; if only the deployment knows the type, the form of the resource decides. */
export function isType({ resource, scope }: TemplateResource, type: string, looksLike: boolean): boolean {
  const text = textOf(at(resource, 'type'), scope)?.text ?? '\0'
  return text.includes('\0') ? looksLike : text.toLowerCase() === type.toLowerCase()
}
