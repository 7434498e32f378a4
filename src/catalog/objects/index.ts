import type { Action } from '../define.ts'
import type { CatalogObject } from './define-object.ts'
import type { Verb } from './object-words.ts'
import { activity } from './activity.ts'
import { deal } from './deal.ts'
import { pipeline } from './pipeline.ts'
import { product } from './product.ts'
import { stage } from './stage.ts'
import { user } from './user.ts'
import { dealDiscount, dealInstallment, dealParticipant, dealProduct } from './deal-parts.ts'
import { leadLabel } from './lead-label.ts'
import { lead } from './lead.ts'
import { note } from './note.ts'
import { organization } from './organization.ts'
import { person } from './person.ts'
import { productVariation } from './product-variation.ts'
import { createOrUpdateAction, findAction, findOrCreateAction } from './verbs/find-verbs.ts'
import { getAction, listAction, searchAction } from './verbs/read-verbs.ts'
import { createAction, deleteAction, updateAction } from './verbs/write-verbs.ts'

/** Every object that has a table. */
export const objects = [
  deal,
  person,
  organization,
  activity,
  product,
  pipeline,
  stage,
  user,
  lead,
  leadLabel,
  note,
  dealProduct,
  dealDiscount,
  dealInstallment,
  dealParticipant,
  productVariation,
] as const

const actionOf: Record<Verb, (object: CatalogObject) => Action> = {
  find: findAction,
  findOrCreate: findOrCreateAction,
  createOrUpdate: createOrUpdateAction,
  get: getAction,
  list: listAction,
  search: searchAction,
  create: createAction,
  update: updateAction,
  delete: deleteAction,
}

/** The actions that follow from the tables. */
export const objectActions: readonly Action[] = objects.flatMap((object: CatalogObject) =>
  object.operations.map((verb) => actionOf[verb](object)),
)
