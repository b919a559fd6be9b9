package framework

import (
	persistencespb "go.temporal.io/server/api/persistence/v1"
	clusterpkg "go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership"
	"go.temporal.io/server/common/namespace"
	"go.temporal.io/server/common/persistence/visibility/manager"
	"go.temporal.io/server/common/primitives/timestamp"
)

const (
	// cluster is the name of the only cluster.
	cluster = "cluster"
	// namespaceID is the ID of the only namespace.
	namespaceID = "68736d73-7065-4000-8000-000000000000"
	// failoverVersion is the version of the namespace, which never fails over.
	failoverVersion = 1
)

// clusters describes the cluster.
var clusters = clusterpkg.NewMetadata(
	true, 10, cluster, cluster,
	map[string]clusterpkg.ClusterInformation{
		cluster: {
			Enabled: true, InitialFailoverVersion: failoverVersion, ShardCount: 1, ClusterID: "1",
			RPCAddress: "127.0.0.1:1",
		},
	},
	nil, nil, log.NewNoopLogger(),
)

// space is the namespace, active in the cluster.
var space = namespace.NewGlobalNamespaceForTest(
	&persistencespb.NamespaceInfo{Id: namespaceID, Name: "hsmspec"},
	&persistencespb.NamespaceConfig{Retention: timestamp.DurationFromDays(1)},
	&persistencespb.NamespaceReplicationConfig{ActiveClusterName: cluster, Clusters: []string{cluster}},
	failoverVersion,
)

// namespaces is a registry with the one namespace. The engine calls no other methods here.
type namespaces struct{ namespace.Registry }

func (namespaces) GetNamespaceByID(namespace.ID) (*namespace.Namespace, error)      { return space, nil }
func (namespaces) GetNamespace(namespace.Name) (*namespace.Namespace, error)        { return space, nil }
func (namespaces) GetNamespaceName(namespace.ID) (namespace.Name, error)            { return space.Name(), nil }
func (namespaces) GetNamespaceID(namespace.Name) (namespace.ID, error)              { return space.ID(), nil }
func (namespaces) RegisterStateChangeCallback(any, namespace.StateChangeCallbackFn) {}
func (namespaces) UnregisterStateChangeCallback(any)                                {}

// visibility is a visibility store that is asked for its names alone.
type visibility struct{ manager.VisibilityManager }

func (visibility) GetStoreNames() []string { return []string{"none"} }
func (visibility) GetIndexName() string    { return "none" }

// host is the host that cells run on.
type host struct{}

func (host) HostInfo() membership.HostInfo { return membership.NewHostInfoFromAddress("127.0.0.1:1") }
