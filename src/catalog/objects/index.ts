import type { Action } from '../define.ts'
import type { CatalogObject } from './define-object.ts'
import type { Verb } from './object-words.ts'
import { organization } from './organization.ts'
import { person } from './person.ts'
import { getAction, listAction, searchAction } from './verbs/read-verbs.ts'
import { createAction, deleteAction, updateAction } from './verbs/write-verbs.ts'

/** Every object that has a table. */
export const objects = [person, organization] as const

const actionOf: Partial<Record<Verb, (object: CatalogObject) => Action>> = {
  get: getAction,
  list: listAction,
  search: searchAction,
  create: createAction,
  update: updateAction,
  delete: deleteAction,
}

/** The actions that follow from the tables. */
export const objectActions: readonly Action[] = objects.flatMap((object: CatalogObject) =>
  object.operations.map((verb) => {
    const action = actionOf[verb]
    if (!action) throw new Error(`${object.name}: no action is known for "${verb}"`)
    return action(object)
  }),
)
