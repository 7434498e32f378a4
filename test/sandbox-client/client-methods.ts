/** The methods of Pipedrive's own client for what the sandbox serves, below the API of the client that has them. */
const table = `v2.DealsApi
GET /api/v2/deals/search searchDeals
GET /api/v2/deals/{id}/followers/changelog getDealFollowersChangelog
GET /api/v2/deals/{id}/followers getDealFollowers
POST /api/v2/deals/{id}/followers addDealFollower
DELETE /api/v2/deals/{id}/followers/{follower_id} deleteDealFollower
POST /api/v2/deals/{id}/convert/lead convertDealToLead
GET /api/v2/deals/{id}/convert/status/{conversion_id} getDealConversionStatus
GET /api/v2/deals/archived getArchivedDeals
GET /api/v2/deals/{id}/discounts getAdditionalDiscounts
POST /api/v2/deals/{id}/discounts postAdditionalDiscount
PATCH /api/v2/deals/{id}/discounts/{discount_id} updateAdditionalDiscount
DELETE /api/v2/deals/{id}/discounts/{discount_id} deleteAdditionalDiscount
GET /api/v2/deals getDeals
GET /api/v2/deals/{id} getDeal
POST /api/v2/deals addDeal
PATCH /api/v2/deals/{id} updateDeal
DELETE /api/v2/deals/{id} deleteDeal

v2.PersonsApi
GET /api/v2/persons/search searchPersons
GET /api/v2/persons/{id}/followers/changelog getPersonFollowersChangelog
GET /api/v2/persons/{id}/followers getPersonFollowers
POST /api/v2/persons/{id}/followers addPersonFollower
DELETE /api/v2/persons/{id}/followers/{follower_id} deletePersonFollower
GET /api/v2/persons getPersons
GET /api/v2/persons/{id} getPerson
POST /api/v2/persons addPerson
PATCH /api/v2/persons/{id} updatePerson
DELETE /api/v2/persons/{id} deletePerson

v2.OrganizationsApi
GET /api/v2/organizations/search searchOrganization
GET /api/v2/organizations/{id}/followers/changelog getOrganizationFollowersChangelog
GET /api/v2/organizations/{id}/followers getOrganizationFollowers
POST /api/v2/organizations/{id}/followers addOrganizationFollower
DELETE /api/v2/organizations/{id}/followers/{follower_id} deleteOrganizationFollower
GET /api/v2/organizations getOrganizations
GET /api/v2/organizations/{id} getOrganization
POST /api/v2/organizations addOrganization
PATCH /api/v2/organizations/{id} updateOrganization
DELETE /api/v2/organizations/{id} deleteOrganization

v2.ProductsApi
GET /api/v2/products/search searchProducts
GET /api/v2/products/{id}/followers/changelog getProductFollowersChangelog
GET /api/v2/products/{id}/followers getProductFollowers
POST /api/v2/products/{id}/followers addProductFollower
DELETE /api/v2/products/{id}/followers/{follower_id} deleteProductFollower
GET /api/v2/products/{id}/variations getProductVariations
POST /api/v2/products/{id}/variations addProductVariation
PATCH /api/v2/products/{id}/variations/{product_variation_id} updateProductVariation
DELETE /api/v2/products/{id}/variations/{product_variation_id} deleteProductVariation
POST /api/v2/products/{id}/duplicate duplicateProduct
GET /api/v2/products getProducts
GET /api/v2/products/{id} getProduct
POST /api/v2/products addProduct
PATCH /api/v2/products/{id} updateProduct
DELETE /api/v2/products/{id} deleteProduct

v2.LeadsApi
GET /api/v2/leads/search searchLeads
POST /api/v2/leads/{id}/convert/deal convertLeadToDeal
GET /api/v2/leads/{id}/convert/status/{conversion_id} getLeadConversionStatus

v2.ItemSearchApi
GET /api/v2/itemSearch searchItem
GET /api/v2/itemSearch/field searchItemByField

v2.UsersApi
GET /api/v2/users/{id}/followers getUserFollowers

v2.DealProductsApi
GET /api/v2/deals/products getDealsProducts
GET /api/v2/deals/{id}/products getDealProducts
POST /api/v2/deals/{id}/products addDealProduct
POST /api/v2/deals/{id}/products/bulk addManyDealProducts
PATCH /api/v2/deals/{id}/products/{product_attachment_id} updateDealProduct
DELETE /api/v2/deals/{id}/products/{product_attachment_id} deleteDealProduct
DELETE /api/v2/deals/{id}/products deleteManyDealProducts

v2.DealInstallmentsApi
GET /api/v2/deals/installments getInstallments
POST /api/v2/deals/{id}/installments postInstallment
PATCH /api/v2/deals/{id}/installments/{installment_id} updateInstallment
DELETE /api/v2/deals/{id}/installments/{installment_id} deleteInstallment

v2.ActivitiesApi
GET /api/v2/activities getActivities
GET /api/v2/activities/{id} getActivity
POST /api/v2/activities addActivity
PATCH /api/v2/activities/{id} updateActivity
DELETE /api/v2/activities/{id} deleteActivity

v2.StagesApi
GET /api/v2/stages getStages
GET /api/v2/stages/{id} getStage
POST /api/v2/stages addStage
PATCH /api/v2/stages/{id} updateStage
DELETE /api/v2/stages/{id} deleteStage

v2.PipelinesApi
GET /api/v2/pipelines getPipelines
GET /api/v2/pipelines/{id} getPipeline
POST /api/v2/pipelines addPipeline
PATCH /api/v2/pipelines/{id} updatePipeline
DELETE /api/v2/pipelines/{id} deletePipeline

v2.DealFieldsApi
GET /api/v2/dealFields getDealFields
GET /api/v2/dealFields/{field_code} getDealField
POST /api/v2/dealFields addDealField
PATCH /api/v2/dealFields/{field_code} updateDealField
DELETE /api/v2/dealFields/{field_code} deleteDealField
POST /api/v2/dealFields/{field_code}/options addDealFieldOptions
PATCH /api/v2/dealFields/{field_code}/options updateDealFieldOptions
DELETE /api/v2/dealFields/{field_code}/options deleteDealFieldOptions

v2.PersonFieldsApi
GET /api/v2/personFields getPersonFields
GET /api/v2/personFields/{field_code} getPersonField
POST /api/v2/personFields addPersonField
PATCH /api/v2/personFields/{field_code} updatePersonField
DELETE /api/v2/personFields/{field_code} deletePersonField
POST /api/v2/personFields/{field_code}/options addPersonFieldOptions
PATCH /api/v2/personFields/{field_code}/options updatePersonFieldOptions
DELETE /api/v2/personFields/{field_code}/options deletePersonFieldOptions

v2.OrganizationFieldsApi
GET /api/v2/organizationFields getOrganizationFields
GET /api/v2/organizationFields/{field_code} getOrganizationField
POST /api/v2/organizationFields addOrganizationField
PATCH /api/v2/organizationFields/{field_code} updateOrganizationField
DELETE /api/v2/organizationFields/{field_code} deleteOrganizationField
POST /api/v2/organizationFields/{field_code}/options addOrganizationFieldOptions
PATCH /api/v2/organizationFields/{field_code}/options updateOrganizationFieldOptions
DELETE /api/v2/organizationFields/{field_code}/options deleteOrganizationFieldOptions

v2.ProductFieldsApi
GET /api/v2/productFields getProductFields
GET /api/v2/productFields/{field_code} getProductField
POST /api/v2/productFields addProductField
PATCH /api/v2/productFields/{field_code} updateProductField
DELETE /api/v2/productFields/{field_code} deleteProductField
POST /api/v2/productFields/{field_code}/options addProductFieldOptions
PATCH /api/v2/productFields/{field_code}/options updateProductFieldOptions
DELETE /api/v2/productFields/{field_code}/options deleteProductFieldOptions

v2.ActivityFieldsApi
GET /api/v2/activityFields getActivityFields
GET /api/v2/activityFields/{field_code} getActivityField

v1.UsersApi
GET /v1/users/find findUsersByName
GET /v1/users/me getCurrentUser
GET /v1/users getUsers
GET /v1/users/{id} getUser

v1.UserSettingsApi
GET /v1/userSettings getUserSettings

v1.PermissionSetsApi
GET /v1/permissionSets getPermissionSets

v1.RolesApi
GET /v1/roles getRoles

v1.ActivityTypesApi
GET /v1/activityTypes getActivityTypes

v1.CurrenciesApi
GET /v1/currencies getCurrencies

v1.WebhooksApi
GET /v1/webhooks getWebhooks
POST /v1/webhooks addWebhook
DELETE /v1/webhooks/{id} deleteWebhook

v1.NotesApi
GET /v1/notes getNotes
POST /v1/notes addNote
GET /v1/notes/{id} getNote
PUT /v1/notes/{id} updateNote
DELETE /v1/notes/{id} deleteNote

v1.LeadsApi
GET /v1/leads getLeads
POST /v1/leads addLead
GET /v1/leads/archived getArchivedLeads
GET /v1/leads/{id} getLead
PATCH /v1/leads/{id} updateLead
DELETE /v1/leads/{id} deleteLead
GET /v1/leads/{id}/permittedUsers getLeadUsers

v1.LeadLabelsApi
GET /v1/leadLabels getLeadLabels
POST /v1/leadLabels addLeadLabel
PATCH /v1/leadLabels/{id} updateLeadLabel
DELETE /v1/leadLabels/{id} deleteLeadLabel

v1.LeadSourcesApi
GET /v1/leadSources getLeadSources

v1.DealsApi
GET /v1/deals/{id}/participants getDealParticipants
POST /v1/deals/{id}/participants addDealParticipant
DELETE /v1/deals/{id}/participants/{deal_participant_id} deleteDealParticipant
GET /v1/deals/{id}/participantsChangelog getDealParticipantsChangelog
GET /v1/deals/{id}/permittedUsers getDealUsers
PUT /v1/deals/{id}/merge mergeDeals
POST /v1/deals/{id}/duplicate duplicateDeal
GET /v1/deals/{id}/changelog getDealChangelog
GET /v1/deals/{id}/flow getDealUpdates

v1.PersonsApi
GET /v1/persons/{id}/permittedUsers getPersonUsers
PUT /v1/persons/{id}/merge mergePersons
GET /v1/persons/{id}/changelog getPersonChangelog
GET /v1/persons/{id}/flow getPersonUpdates

v1.OrganizationsApi
GET /v1/organizations/{id}/permittedUsers getOrganizationUsers
PUT /v1/organizations/{id}/merge mergeOrganizations
GET /v1/organizations/{id}/changelog getOrganizationChangelog
GET /v1/organizations/{id}/flow getOrganizationUpdates

v1.ProductsApi
GET /v1/products/{id}/permittedUsers getProductUsers

v1.RecentsApi
GET /v1/recents getRecents`

/** A ClientMethod is a method of Pipedrive's own client. */
export interface ClientMethod {
  version: 'v1' | 'v2'
  api: string
  name: string
}

/** By `METHOD /path`. */
export const clientMethods: ReadonlyMap<string, ClientMethod> = new Map(
  table.split('\n\n').flatMap((group) => {
    const [head, ...lines] = group.split('\n')
    const [version, api] = head!.split('.') as ['v1' | 'v2', string]
    return lines.map((line): [string, ClientMethod] => {
      const [method, path, name] = line.split(' ')
      return [`${method} ${path}`, { version, api, name: name! }]
    })
  }),
)
