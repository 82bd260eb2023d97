import { useEffect, useRef, useState } from "preact/hooks";

/** An element for a map. `make` draws it there, `begin` starts what goes on with it and returns how to end that.
 * `failed`: it can't be drawn, as where WebGL is missing. */
export function useMap<M extends { destroy(): void }>(make: (element: HTMLElement) => M, begin: (map: M) => () => void) {
  const container = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let map: M;
    try {
      map = make(container.current!);
    } catch {
      setFailed(true);
      return;
    }
    const end = begin(map);
    return () => {
      end();
      map.destroy();
    };
  }, []);
  return { container, failed };
}
