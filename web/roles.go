package web

// Role is what a token may do.
type Role string

// Roles of the contract.
const (
	RoleAdmin      Role = "admin"
	RoleSupervisor Role = "supervisor"
	RoleOperator   Role = "operator"
	RolePartner    Role = "partner" // sees its own leads only
	RoleCRM        Role = "crm"     // pushes leads, reads outcomes
)

// Roles returns every role.
func Roles() []Role {
	return []Role{RoleAdmin, RoleSupervisor, RoleOperator, RolePartner, RoleCRM}
}

// public are the operations that need no token: they tell nothing of anybody.
var public = map[operation]bool{opHealth: true, opReady: true, opMetrics: true}

// operation is one thing that the API does; it is the operation's id in the
// OpenAPI document too.
type operation string

const (
	opPushLeads     operation = "push-leads"
	opListCampaigns operation = "list-campaigns"
	opGetCampaign   operation = "get-campaign"
	opPause         operation = "pause-campaign"
	opResume        operation = "resume-campaign"
	opDrain         operation = "drain-campaign"
	opListLists     operation = "list-lists"
	opGetList       operation = "get-list"
	opGetLead       operation = "get-lead"
	opGetAttempts   operation = "get-lead-attempts"
	opExplain       operation = "explain-lead"
	opListDNC       operation = "list-dnc"
	opAddDNC        operation = "add-dnc"
	opRemoveDNC     operation = "remove-dnc"
	opListDead      operation = "list-dead-deliveries"
	opReplay        operation = "replay-deliveries"
	opListOff       operation = "list-endpoints-off"
	opTurnOn        operation = "turn-endpoint-on"
	opListCalls     operation = "list-calls"
	opHangUp        operation = "hang-up-call"
	opSupervise     operation = "supervise-call"
	opSetMode       operation = "set-supervision-mode"
	opLeave         operation = "leave-call"
	opTransfer      operation = "transfer-call"
	opEvents        operation = "watch-events"
	opHealth        operation = "healthz"
	opReady         operation = "readyz"
	opMetrics       operation = "metrics"

	opListAnnouncements  operation = "list-announcements"
	opLearnAnnouncement  operation = "learn-announcement"
	opRemoveAnnouncement operation = "remove-announcement"
)

// permissions is the whole of who may do what. Operations on leads narrow
// further for partners: see visible.
var permissions = map[operation][]Role{
	opPushLeads:     {RoleAdmin, RoleSupervisor, RolePartner, RoleCRM},
	opListCampaigns: {RoleAdmin, RoleSupervisor, RoleOperator, RoleCRM},
	opGetCampaign:   {RoleAdmin, RoleSupervisor, RoleOperator, RoleCRM},
	opPause:         {RoleAdmin, RoleSupervisor},
	opResume:        {RoleAdmin, RoleSupervisor},
	opDrain:         {RoleAdmin, RoleSupervisor},
	opListLists:     {RoleAdmin, RoleSupervisor, RolePartner, RoleCRM},
	opGetList:       {RoleAdmin, RoleSupervisor, RolePartner, RoleCRM},
	opGetLead:       {RoleAdmin, RoleSupervisor, RoleOperator, RolePartner, RoleCRM},
	opGetAttempts:   {RoleAdmin, RoleSupervisor, RoleOperator, RolePartner, RoleCRM},
	opExplain:       {RoleAdmin, RoleSupervisor, RoleOperator, RolePartner, RoleCRM},
	opListDNC:       {RoleAdmin, RoleSupervisor},
	opAddDNC:        {RoleAdmin, RoleSupervisor, RoleOperator, RoleCRM},
	opRemoveDNC:     {RoleAdmin},
	opListDead:      {RoleAdmin, RoleSupervisor},
	opReplay:        {RoleAdmin, RoleSupervisor},
	opListOff:       {RoleAdmin, RoleSupervisor},
	opTurnOn:        {RoleAdmin},
	opListCalls:     {RoleAdmin, RoleSupervisor, RoleOperator},
	opHangUp:        {RoleAdmin, RoleSupervisor},
	opSupervise:     {RoleAdmin, RoleSupervisor},
	opSetMode:       {RoleAdmin, RoleSupervisor},
	opLeave:         {RoleAdmin, RoleSupervisor},
	opTransfer:      {RoleAdmin, RoleSupervisor},
	opEvents:        {RoleAdmin, RoleSupervisor, RoleOperator},

	opListAnnouncements:  {RoleAdmin, RoleSupervisor},
	opLearnAnnouncement:  {RoleAdmin, RoleSupervisor},
	opRemoveAnnouncement: {RoleAdmin},
}

// may reports whether a role may do an operation. What the table does not
// name is forbidden.
func may(r Role, op operation) bool {
	for _, allowed := range permissions[op] {
		if allowed == r {
			return true
		}
	}
	return false
}
