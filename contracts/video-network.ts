import type { CutieNetwork } from './cutie-network';
import type { DeaotNetwork } from './deaot-network';
import type { MemoryNetwork } from './memory-network';
import type { Sam2Network } from './sam2-network';
import type { XmemNetwork } from './xmem-network';

/** What the memory tracker may work with. */
export type VideoNetwork = MemoryNetwork | Sam2Network | CutieNetwork | DeaotNetwork | XmemNetwork;

export function isSam2Network(network: VideoNetwork): network is Sam2Network {
  return 'attend' in network;
}

export function isCutieNetwork(network: VideoNetwork): network is CutieNetwork {
  return 'encodeMasks' in network;
}

export function isDeaotNetwork(network: VideoNetwork): network is DeaotNetwork {
  return 'refer' in network;
}

export function isXmemNetwork(network: VideoNetwork): network is XmemNetwork {
  return 'encodeValues' in network;
}
