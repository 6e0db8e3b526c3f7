package org.elasticsearch.xpack.versionfield;

import org.apache.lucene.util.BytesRef;

/** Stands in for an unpublished module, so that ES|QL's classes load; the version type itself is not to be had. */
public final class Version implements Comparable<Version> {
  public Version(String text) {
    throw new UnsupportedOperationException("this node has no version type");
  }

  public Version(BytesRef encoded) {
    throw new UnsupportedOperationException("this node has no version type");
  }

  public BytesRef toBytesRef() {
    throw new UnsupportedOperationException("this node has no version type");
  }

  @Override
  public int compareTo(Version other) {
    throw new UnsupportedOperationException("this node has no version type");
  }
}
