import java.util.Map;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.email.UAX29URLEmailTokenizer;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.pattern.PatternCaptureGroupTokenFilter;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.index.IndexSettings;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/**
 * What the security index asks of analysis and module analysis-common, which is not published, would bring.
 *
 * <p>Without it the first API key cannot be stored.
 */
public final class SecurityIndexAnalysis extends Plugin implements AnalysisPlugin {
  @Override
  public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
    return Map.of("unique", SecurityIndexAnalysis::unique, "pattern_capture", SecurityIndexAnalysis::patternCapture);
  }

  @Override
  public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
    return Map.of("uax_url_email", SecurityIndexAnalysis::addresses);
  }

  private static TokenizerFactory addresses(IndexSettings index, Environment node, String name, Settings settings) {
    return TokenizerFactory.newFactory(name, UAX29URLEmailTokenizer::new);
  }

  private static TokenFilterFactory unique(IndexSettings index, Environment node, String name, Settings settings) {
    return new AbstractTokenFilterFactory(name, settings) {
      @Override
      public TokenStream create(TokenStream tokens) {
        return new RemoveDuplicatesTokenFilter(tokens);
      }
    };
  }

  private static TokenFilterFactory patternCapture(
      IndexSettings index, Environment node, String name, Settings settings) {
    boolean keep = settings.getAsBoolean("preserve_original", true);
    Pattern[] patterns = settings.getAsList("patterns").stream().map(Pattern::compile).toArray(Pattern[]::new);
    return new AbstractTokenFilterFactory(name, settings) {
      @Override
      public TokenStream create(TokenStream tokens) {
        return new PatternCaptureGroupTokenFilter(tokens, keep, patterns);
      }
    };
  }
}
