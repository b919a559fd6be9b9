package framework

import (
	"fmt"

	persistencespb "go.temporal.io/server/api/persistence/v1"
	clusterpkg "go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership"
	"go.temporal.io/server/common/namespace"
	"go.temporal.io/server/common/persistence/visibility/manager"
	"go.temporal.io/server/common/primitives/timestamp"
)

const (
	// namespaceID is the ID of the only namespace.
	namespaceID = "68736d73-7065-4000-8000-000000000000"
	// versions is how many failover versions there are from one of a cluster to the next one of it.
	versions = 10
)

// clusterNames are the names of the clusters.
var clusterNames = [2]string{"cluster 0", "cluster 1"}

// clusters describes the clusters, as each of them sees it. Their failover versions begin with 1 and 2.
var clusters = func() (all [2]clusterpkg.Metadata) {
	for current, name := range clusterNames {
		information := make(map[string]clusterpkg.ClusterInformation)
		for i, name := range clusterNames {
			information[name] = clusterpkg.ClusterInformation{
				Enabled: true, InitialFailoverVersion: int64(i + 1), ShardCount: 1, ClusterID: fmt.Sprint(i + 1),
				RPCAddress: "127.0.0.1:1",
			}
		}
		all[current] = clusterpkg.NewMetadata(
			true, versions, clusterNames[0], name, information, nil, nil, log.NewNoopLogger(),
		)
	}
	return all
}()

// namespaces is a registry with the one namespace, which is active in one of the clusters. The engine calls no other
// methods here.
type namespaces struct {
	namespace.Registry
	space *namespace.Namespace
}

// newNamespaces returns a registry whose namespace is active in the first cluster.
func newNamespaces() *namespaces {
	return &namespaces{space: newSpace(0, 1)}
}

func newSpace(cluster int, version int64) *namespace.Namespace {
	return namespace.NewGlobalNamespaceForTest(
		&persistencespb.NamespaceInfo{Id: namespaceID, Name: "hsmspec"},
		&persistencespb.NamespaceConfig{Retention: timestamp.DurationFromDays(1)},
		&persistencespb.NamespaceReplicationConfig{
			ActiveClusterName: clusterNames[cluster], Clusters: clusterNames[:],
		},
		version,
	)
}

// failover makes the namespace active in a cluster, at that one's next version.
func (n *namespaces) failover(cluster int) {
	if n.space.ActiveClusterName() != clusterNames[cluster] {
		n.space = newSpace(cluster, clusters[cluster].GetNextFailoverVersion(
			clusterNames[cluster], n.space.FailoverVersion(),
		))
	}
}

func (n *namespaces) GetNamespaceByID(namespace.ID) (*namespace.Namespace, error) {
	return n.space, nil
}
func (n *namespaces) GetNamespace(namespace.Name) (*namespace.Namespace, error) { return n.space, nil }
func (n *namespaces) GetNamespaceName(namespace.ID) (namespace.Name, error) {
	return n.space.Name(), nil
}
func (n *namespaces) GetNamespaceID(namespace.Name) (namespace.ID, error)            { return n.space.ID(), nil }
func (*namespaces) RegisterStateChangeCallback(any, namespace.StateChangeCallbackFn) {}
func (*namespaces) UnregisterStateChangeCallback(any)                                {}

// visibility is a visibility store that is asked for its names alone.
type visibility struct{ manager.VisibilityManager }

func (visibility) GetStoreNames() []string { return []string{"none"} }
func (visibility) GetIndexName() string    { return "none" }

// host is the host that cells run on.
type host struct{}

func (host) HostInfo() membership.HostInfo { return membership.NewHostInfoFromAddress("127.0.0.1:1") }
